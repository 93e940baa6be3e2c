package race;

/** An event breaks its contract; `reason` and `detail` are named as pydantic names them. */
final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    final String reason;
    final String detail;

    RefusedException(String reason, String detail) {
        super(reason, null, false, false);
        this.reason = reason;
        this.detail = detail;
    }
}
