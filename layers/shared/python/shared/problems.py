"""Every way an operation can fail, each with its HTTP status beside it (RFC 9457 problem details)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar, NotRequired, Self, TypedDict


class FieldError(TypedDict):
    """What is wrong with one field of the request, and how to fix it."""

    field: str
    message: str


class ProblemDocument(TypedDict):
    """The body of every error answer (RFC 9457, with `code` and `requestId` added)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    requestId: str
    errors: NotRequired[list[FieldError]]
    state: NotRequired[str]


class ProblemError(Exception):
    """A failure reported to the client. `detail` must hold nothing that the client may not see."""

    status: ClassVar[HTTPStatus]
    code: ClassVar[str]
    title: ClassVar[str]
    headers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title

    @classmethod
    def example(cls) -> Self:
        """An example, for the contract."""
        return cls()

    def document(self, *, instance: str, request_id: str) -> ProblemDocument:
        """The problem details object for the request at path `instance`."""
        return {
            "type": f"urn:problem-type:{self.code}",
            "title": self.title,
            "status": int(self.status),
            "detail": self.detail,
            "instance": instance,
            "code": self.code,
            "requestId": request_id,
        }


class MalformedRequestError(ProblemError):
    status, code, title = HTTPStatus.BAD_REQUEST, "malformed-request", "The request is malformed"


class MissingIdempotencyKeyError(ProblemError):
    status, code, title = HTTPStatus.BAD_REQUEST, "idempotency-key-missing", "An Idempotency-Key header is required"


class InvalidIdempotencyKeyError(ProblemError):
    status, code, title = HTTPStatus.BAD_REQUEST, "idempotency-key-invalid", "The Idempotency-Key is not valid"


class InvalidCursorError(ProblemError):
    status, code, title = HTTPStatus.BAD_REQUEST, "cursor-invalid", "The cursor is not one of ours"


def _challenge(why: str) -> Mapping[str, str]:
    """The challenge that tells a client to renew its token: RFC 6750, section 3."""
    return {"www-authenticate": f'Bearer error="invalid_token", error_description="{why}"'}


class UnauthorizedError(ProblemError):
    status, code, title = HTTPStatus.UNAUTHORIZED, "unauthorized", "An access token is required"
    headers: ClassVar[Mapping[str, str]] = {"www-authenticate": "Bearer"}


class InvalidTokenError(ProblemError):
    status, code, title = HTTPStatus.UNAUTHORIZED, "invalid-token", "The access token is invalid or has expired"
    headers: ClassVar[Mapping[str, str]] = _challenge(title)


class SessionEndedError(ProblemError):
    status, code, title = HTTPStatus.UNAUTHORIZED, "session-ended", "The session was signed out; sign in again"
    headers: ClassVar[Mapping[str, str]] = _challenge(title)


class WrongCredentialsError(ProblemError):
    status, code, title = HTTPStatus.UNAUTHORIZED, "wrong-credentials", "Login or password is wrong"


class InvalidRefreshTokenError(ProblemError):
    status, code, title = (
        HTTPStatus.UNAUTHORIZED,
        "refresh-token-invalid",
        "The refresh token is not valid; sign in again",
    )


class InsufficientFundsError(ProblemError):
    status, code, title = HTTPStatus.PAYMENT_REQUIRED, "insufficient-funds", "Not enough money in the account"


class ForbiddenError(ProblemError):
    status, code, title = HTTPStatus.FORBIDDEN, "forbidden", "This belongs to another user"


class NotConfirmedError(ProblemError):
    status, code, title = HTTPStatus.FORBIDDEN, "registration-not-confirmed", "Confirm the registration first"


class HostedLoginRequiredError(ProblemError):
    status, code, title = HTTPStatus.FORBIDDEN, "hosted-login-required", "Sign in through the hosted login"


class NotFoundError(ProblemError):
    status, code, title = HTTPStatus.NOT_FOUND, "not-found", "The resource does not exist"


class LoginTakenError(ProblemError):
    status, code, title = HTTPStatus.CONFLICT, "login-taken", "The login is taken"


class ProfileExistsError(ProblemError):
    status, code, title = HTTPStatus.CONFLICT, "profile-exists", "The profile exists already"


class OrderIncompleteError(ProblemError):
    status, code, title = HTTPStatus.CONFLICT, "order-incomplete", "The order has no productQuantity yet; edit it first"


class PaymentInProgressError(ProblemError):
    status, code, title = HTTPStatus.CONFLICT, "payment-in-progress", "A payment of this order is being taken"
    headers: ClassVar[Mapping[str, str]] = {"retry-after": "1"}


class ConcurrentRequestError(ProblemError):
    status, code, title = HTTPStatus.CONFLICT, "concurrent-request", "Another request is changing this; try again"
    headers: ClassVar[Mapping[str, str]] = {"retry-after": "1"}


class OrderStateConflictError(ProblemError):
    """The order's state does not allow the event; the document carries the state."""

    status, code, title = HTTPStatus.CONFLICT, "order-state-conflict", "The order's state does not allow this"

    def __init__(self, state: str, event: str) -> None:
        super().__init__(f"{state} does not allow {event}")
        self.state = state

    @classmethod
    def example(cls) -> Self:
        return cls("COMPLETED", "CANCEL")

    def document(self, *, instance: str, request_id: str) -> ProblemDocument:
        return {**super().document(instance=instance, request_id=request_id), "state": self.state}


class BodyTooLargeError(ProblemError):
    status, code, title = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body-too-large", "The body is larger than 64 KiB"


class UnsupportedContentTypeError(ProblemError):
    status, code, title = HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-content-type", "Send application/json"


class IdempotencyKeyReusedError(ProblemError):
    status, code, title = (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "idempotency-key-reused",
        "The Idempotency-Key was used with another body",
    )


class ValidationFailedError(ProblemError):
    """Invalid fields; the document names each with its fix."""

    status, code, title = HTTPStatus.UNPROCESSABLE_ENTITY, "validation-failed", "Some fields are not valid"

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("; ".join(f"{error['field']}: {error['message']}" for error in errors))
        self.errors = errors

    @classmethod
    def of(cls, field: str, message: str) -> Self:
        """The problem for a single field."""
        return cls([{"field": field, "message": message}])

    @classmethod
    def example(cls) -> Self:
        return cls.of("productQuantity", "is required")

    def document(self, *, instance: str, request_id: str) -> ProblemDocument:
        return {**super().document(instance=instance, request_id=request_id), "errors": self.errors}


class WrongConfirmationCodeError(ProblemError):
    status, code, title = HTTPStatus.UNPROCESSABLE_ENTITY, "confirmation-code-wrong", "The code is wrong or expired"


class TooManyRequestsError(ProblemError):
    status, code, title = HTTPStatus.TOO_MANY_REQUESTS, "too-many-requests", "Too many requests; wait, then try again"
    headers: ClassVar[Mapping[str, str]] = {"retry-after": "5"}


class InternalError(ProblemError):
    status, code, title = HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", "Something went wrong on our side"


class DependencyUnavailableError(ProblemError):
    """A service that we depend on did not answer; the request may be repeated safely."""

    status, code, title = HTTPStatus.SERVICE_UNAVAILABLE, "dependency-unavailable", "Try again in a moment"
    headers: ClassVar[Mapping[str, str]] = {"retry-after": "1"}
