"""The words that a patient agrees to before messages are sent, by version (R-RE-02); changed words get a new one."""

CONSENT_TEXT = "2026-11"
WORDS = {
    "2026-11": (
        "I agree that the practice reminds me of visits by this channel. Messages hold my first name, the day, the "
        "time and a number to call; never what I come for. Somebody else who reads my messages may see them. "
        "Replying STOP, or telling the front desk in any words, ends this at once and changes nothing in my care."
    )
}
