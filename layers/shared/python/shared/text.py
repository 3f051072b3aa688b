"""Text that people read: it must not mislead them, nor break the next program. All scripts and emoji are allowed.

Patterns that JSON Schema and pydantic both understand. U+202A–202E and U+2066–2069 reorder text on display (Unicode UAX
9); U+2028 and U+2029 are line breaks too.
"""

_TURNS = r"\u202a-\u202e\u2066-\u2069"

MISLEADING = rf"\x00-\x1f\x7f-\x9f\u2028\u2029{_TURNS}"
"""A character class of what text on one line must not contain: controls, line breaks, direction overrides."""

ONE_LINE = rf"^[^{MISLEADING}]*$"
PARAGRAPH = rf"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_TURNS}]*$"
"""Line breaks and tabs are allowed."""
