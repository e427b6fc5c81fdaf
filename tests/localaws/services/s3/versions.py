"""Versions of objects."""

from __future__ import annotations

from moto.s3.models import FakeDeleteMarker

from localaws.account.patches import patch


@patch(
    FakeDeleteMarker,
    "dispose",
    fault="a bucket whose versioning is suspended, as before it is removed, can't be emptied of delete markers",
    gaps=("s3/keeps_delete_markers_for_ever",),
)
def _dispose(self: FakeDeleteMarker) -> None:
    """A delete marker holds nothing to let go of."""
