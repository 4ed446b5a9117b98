"""New words for a case, at its keeper's word. JSON of `core.wire`, in an office's session."""

from flask import Response, make_response

from intake.core import limits, wire
from intake.crypto.seal import header_of
from intake.errors import NotSealedError, WireError
from intake.server import api
from intake.server.services import services
from intake.store.keepers import Keeper

_BYTES = 32


def release() -> Response:
    """Let the lost words open nothing any more, and give the server's half."""
    office = api.office()
    sent = wire.parse(api.body(limits.API_BODY), wire.Keep)
    keeper = Keeper(office, sent.case, sent.token)
    half = services().keepers.release(keeper, services().today(), services().random)
    return api.answer(wire.Half(half))


def reissue() -> Response:
    """Let new words open the case."""
    office = api.office()
    sent = wire.parse(api.body(limits.API_BODY), wire.Words)
    if len(sent.mailbox) != _BYTES or len(sent.wrapped) > limits.WRAPPED:
        raise WireError("the message is not in the expected form, check client and version")
    header = header_of([sent.wrapped])
    if len(sent.wrapped) == len(header.value):
        raise NotSealedError("what the new words open is missing, seal it to them")
    keeper = Keeper(office, sent.case, sent.token)
    services().keepers.reissue(keeper, sent.mailbox, sent.wrapped)
    return make_response("", 204)
