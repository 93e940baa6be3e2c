"""A secret that is an address -> whether it may be sent to, by the rules of addresses in the playbook."""

from service.core.playbook.channels import sound_url


def usable(secret: str) -> bool:
    try:
        sound_url(secret)
    except ValueError:
        return False
    return True
