"""What takes long on a full log, while others write: indexes, and constraints for what is there already."""

from shared.db.migrations.steps import run_online

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_online(__file__)
