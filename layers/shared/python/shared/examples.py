"""Values that the contract's examples share: one user's story."""

PROFILE_ID = "0d9c3c0e-7d0b-4d3a-9a51-3c1f6a2b8e47"
ORDER_ID = "01936a4e-5b1c-7f3e-8d2a-6c4b9e0f1a23"
TRANSACTION_ID = "01936a4d-9e2f-7c55-a3b1-0f8d7e6c5b4a"
MOMENT = "2026-11-24T13:07:09.123Z"
LATER = "2026-11-24T13:08:11.456Z"
TOKEN = "eyJraWQiOiJrMSIsImFsZyI6IlJTMjU2In0.eyJzdWIiOiIwZDljM2MwZSJ9.c2lnbmF0dXJl"  # noqa: S105 - signs nobody in
PASSWORD = "Correct-horse-7"  # noqa: S105 - nobody's
