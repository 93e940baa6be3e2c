"""What should be there: a plain, sequential model of the retail playbook's decisions, written from the documentation.

It imports nothing of the service. deploy/docs has the words that it is written from.
"""

from tests.oracle.expected import Expected, Published, expect

__all__ = ["Expected", "Published", "expect"]
