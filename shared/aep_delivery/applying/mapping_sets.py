"""The mapping set of the wanted attributes, which the current generation refers to.

A mapping set cannot be changed, and one that no dataflow refers to does nothing. So an unknown outcome is simply tried
again; what was confirmed is used again, where a patch that should have referred to it did not come about.
"""

from __future__ import annotations

import uuid

from aep_delivery.adobe.data_prep import DataPrep, FieldMapping
from aep_delivery.planning.activation import WantedActivation
from aep_delivery.planning.activation_patch import MappingReference
from aep_delivery.planning.columns import columns_of
from aep_delivery.runtime.errors import UserError
from aep_delivery.state.lock import Fence
from aep_delivery.state.records import Action, ActivationKind, Done, Intent
from aep_delivery.state.store import StateStore

_KEY = ActivationKind.MAPPING_SET


class MappingSetKeeper:
    """Sees to it that there is a mapping set.

    Args:
        data_prep: Data Prep, in the delivery's sandbox.
        connection_spec_id: Of the destination, whose schema the columns go into.
        name: What to call its schemas.
        store: The journal.
        fence: Proof that this execution holds the delivery's lock.
    """

    def __init__(
        self, *, data_prep: DataPrep, connection_spec_id: str, name: str, store: StateStore, fence: Fence
    ) -> None:
        self._data_prep = data_prep
        self._connection_spec_id = connection_spec_id
        self._name = name
        self._store = store
        self._fence = fence

    def ensure(self, wanted: WantedActivation) -> MappingReference:
        """The mapping set of the wanted attributes, made where there is none.

        Raises:
            UserError: ``attribute.unknown``, or a refusal of Adobe's.
            TransientError: Adobe or the store asks to come back.
        """
        fingerprint = wanted.columns_fingerprint
        if (known := self._known(wanted, fingerprint)) is not None:
            return known
        entry = self._store.read_journal(self._fence.delivery_id).get(_KEY)
        if entry is not None and entry.intent is not None:
            self._store.clear_intent(self._fence, _KEY)
        intent = Intent(intent_id=uuid.uuid4().hex, action=Action.CREATE, fingerprint=fingerprint)
        self._store.write_intent(self._fence, _KEY, intent)
        mappings = [FieldMapping(source=one.source, column=one.column) for one in wanted.attributes]
        try:
            made = self._data_prep.create_mapping_set(self._connection_spec_id, mappings, self._name)
        except UserError:
            self._store.clear_intent(self._fence, _KEY)
            raise
        done = Done(
            intent_id=intent.intent_id,
            action=Action.CREATE,
            resource_id=made.id,
            etag=str(made.version),
            fingerprint=fingerprint,
        )
        self._store.write_done(self._fence, _KEY, done)
        return MappingReference(id=made.id, version=made.version)

    def _known(self, wanted: WantedActivation, fingerprint: str) -> MappingReference | None:
        entry = self._store.read_journal(self._fence.delivery_id).get(_KEY)
        done = entry.done if entry is not None else None
        if done is None or done.fingerprint != fingerprint:
            return None
        version = int(done.etag or 0)
        there = columns_of(self._data_prep, done.resource_id, version)
        same = {(one.source, one.column) for one in there} == {(one.source, one.column) for one in wanted.attributes}
        return MappingReference(id=done.resource_id, version=version) if same else None
