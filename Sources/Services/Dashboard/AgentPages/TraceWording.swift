/// What the steps of a trace mean, in words for people who have to judge them.
enum TraceWording {
    struct Words: Sendable, Equatable {
        let title: String
        let meaning: String
    }

    static func words(for step: String) -> Words {
        self.steps.first { $0.name == step }?.words ?? Words(title: step, meaning: "")
    }

    static func name(of state: TraceView.State) -> String {
        switch state {
        case .verified: "checked, and holds"
        case .noted: "known, not checked here"
        case .off: "not used here"
        case .missing: "not there"
        case .failed: "does not hold"
        }
    }

    /// A fact's name as people say it.
    static func fact(_ name: String) -> String {
        self.facts.first { $0.name == name }?.text ?? name
    }

    static let limits = [
        "“Checked, and holds” means that this machine computed the digest, signature or proof again when the report was made, "
            + "and that it agrees. It does not rest on anybody's word.",
        "The report shows that a reading was not changed, added or taken away between the gateway and the chain, and when it "
            + "was known. It does not show that the sensor measured rightly, or that it was on the right patient: the device, "
            + "the bed's assignment and the people at the bedside answer for that.",
        "Times before the gateway are the device's own, put right by the difference that is named above where there is one. "
            + "Times in blocks were agreed by the validators.",
        "Anybody who has the chain's genesis file and the envelope can repeat these checks with the command wardline trace.",
    ]

    private static let steps: [(name: String, words: Words)] = [
        (
            "raw-message",
            Words(
                title: "The message from the device",
                meaning:
                    "The reading names the digest (SHA-256) of the very bytes that the device sent. If the bytes are still "
                    + "kept, their digest was computed again."
            )
        ),
        (
            "profile",
            Words(
                title: "How it was read",
                meaning:
                    "A device profile says how the device's bytes become a reading. Its name and version are part of the "
                    + "reading."
            )
        ),
        (
            "observation",
            Words(
                title: "The reading in the gateway's store",
                meaning: "The reading stands in a store that only grows, under a number that is given once."
            )
        ),
        (
            "envelope",
            Words(
                title: "Sealed",
                meaning:
                    "Readings leave the ward only inside sealed envelopes, which the gateway signs. The envelope's name "
                    + "(H1) is the digest of its content: a changed envelope would have another name."
            )
        ),
        (
            "receipts",
            Words(
                title: "Received by the privacy center",
                meaning:
                    "A center that took the envelope signed a receipt: the envelope has a place in the center's own record, "
                    + "which cannot be rewritten without being noticed."
            )
        ),
        (
            "window",
            Words(
                title: "Gathered for the chain",
                meaning:
                    "Envelopes of a few seconds are gathered; one digest (the Merkle root) stands for all of them. The path "
                    + "from this envelope to that digest was computed again."
            )
        ),
        (
            "index-page",
            Words(
                title: "Listed for those who may ask",
                meaning:
                    "An encrypted page lists the envelopes of a stream, so that somebody with permission can see whether "
                    + "she was given all of them."
            )
        ),
        (
            "block",
            Words(
                title: "Written on the chain",
                meaning:
                    "The digest stands in a block that a quorum of independent validators signed. Their signatures, and "
                    + "that they were the validators then, were verified from the chain's first block on."
            )
        ),
    ]

    private static let facts: [(name: String, text: String)] = [
        ("batch", "Batch in the inbox"), ("block", "Block's digest"), ("capsule", "Key capsule"), ("chain", "Chain"),
        ("control", "Keys needed to open"), ("created", "Sealed at (s since 1970)"),
        ("envelopes", "Envelopes gathered"),
        ("epoch", "Committee's epoch"), ("gateway", "Gateway"), ("h1", "Envelope's name (H1)"),
        ("height", "Block number"),
        ("late", "Marked as late"), ("leaf", "Place among them"), ("page_digest", "Page's digest"),
        ("profile", "Profile and version"), ("root", "Merkle root"), ("scope", "Scope's digest"),
        ("sender_certificate", "Sender's certificate"), ("sequence", "Number"),
        ("sha256", "Digest of the bytes (SHA-256)"),
        ("signers", "Validators that signed"), ("time_ms", "Block's time (ms since 1970)"),
        ("transaction", "Transaction"), ("view", "View"), ("window", "Window"),
    ]
}
