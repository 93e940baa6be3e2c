"""A proposal -> the words that say what it is by, and the piece of YAML that a person can put into the playbook."""

from service.core.noise.cuts import CutProposal, Setting
from service.core.noise.floors import FloorProposal

Proposal = FloorProposal | CutProposal

ROOT, ALL_CELLS = "root", "volume"


def snippet(proposal: Proposal) -> str:
    """Write what the playbook would hold: of a route or volume rule its id and what changes, the rest stays."""
    if isinstance(proposal, FloorProposal):
        if proposal.route == ROOT:
            return f"routes:\n  floor: {proposal.proposed.value}\n"
        return f"- id: {proposal.route}\n  floor: {proposal.proposed.value}\n"
    setting = f"{proposal.setting.value}: {proposal.proposed:g}"
    if proposal.rule == ALL_CELLS:
        return f"volume:\n  {setting}\n"
    return f"volume:\n  thresholds:\n    - id: {proposal.rule}\n      {setting}\n"


def words(proposal: Proposal) -> str:
    """Say in plain words what would change, and by how much that is known."""
    said = (
        f"Of {_alerts(proposal)} of which somebody said what they were, these would not have come: "
        f"{proposal.noise_avoided} that were noise, {proposal.actionable_lost} that called for something, "
        f"{proposal.others_lost} that were duplicates or another team's. Noise is {proposal.share.figure:.0%} of them, "
        f"with 95 % between {proposal.share.low:.0%} and {proposal.share.high:.0%}."
    )
    if isinstance(proposal, FloorProposal):
        more = f" Nobody said anything of {proposal.unsaid_lost} more." if proposal.unsaid_lost else ""
        return (
            f"Raise the floor of route {proposal.route} from {proposal.current.value} to {proposal.proposed.value}. "
            f"{said}{more} Feedback below it still counts for volume; nothing critical is below a floor."
        )
    what = "cut" if proposal.setting is Setting.H_LOCAL else "least count"
    return (
        f"Raise the {what} of volume rule {proposal.rule} ({proposal.setting.value}) from {proposal.current:g} to "
        f"{proposal.proposed:g}. {said}"
    )


def _alerts(proposal: Proposal) -> str:
    return f"{proposal.outcomes} {'alerts' if isinstance(proposal, FloorProposal) else 'reviews'}"
