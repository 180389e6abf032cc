/// A reading's way from the device to the chain, told so that somebody can judge it who is no engineer.
enum TracePage {
    static let form = "This is neither an Observation's id (32 hexadecimal digits) nor an envelope's H1 (64)."

    /// Asks which reading.
    static func asking(_ request: PageRequest, refusal: String? = nil) -> PageContent {
        PageContent("Trace") {
            HTMLTag.h1 { "Trace a reading" }
            HTMLTag.p {
                "Shows what became of one reading: the message that it came in, what was made of it, and how it was sealed, "
                    + "delivered and anchored. Every step is checked again on this machine when you ask. A reading of a bed "
                    + "can be traced from the bed's page."
            }
            if let refusal { HTMLTag.p(.class("notice bad"), HTMLAttribute("role", "alert")) { refusal } }
            Self.question(request)
        }
    }

    private static func question(_ request: PageRequest) -> HTMLNode {
        HTMLTag.form(HTMLAttribute("method", "post"), .action("/trace"), .class("card")) {
            request.formToken
            HTMLTag.label(HTMLAttribute("for", "subject")) { "Observation's id, or envelope's H1" }
            HTMLTag.input(
                .id("subject"),
                HTMLAttribute("name", "subject"),
                HTMLAttribute("autocomplete", "off"),
                HTMLAttribute("spellcheck", "false"),
                HTMLAttribute("required", "required"),
                HTMLAttribute("maxlength", "80")
            )
            HTMLTag.button(HTMLAttribute("type", "submit")) { "Trace" }
        }
    }

    /// The report.
    static func content(_ view: TraceView, _ request: PageRequest) -> PageContent {
        PageContent("Trace report") {
            HTMLTag.h1 { "Trace report" }
            Self.verdict(view)
            HTMLTag.h2 { "What this is about" }
            Self.facts(Self.about(view))
            HTMLTag.h2 { "The way, step by step" }
            HTMLTag.ol(.class("steps")) {
                for step in view.steps { Self.step(step) }
            }
            HTMLTag.h2 { "What this report says, and what it does not" }
            for sentence in TraceWording.limits { HTMLTag.p { sentence } }
            HTMLTag.p { HTMLTag.a(.href("/trace")) { "Trace another reading" } }
        }
    }

    private static func verdict(_ view: TraceView) -> HTMLNode {
        let verified = view.steps.count { $0.state == .verified }
        let failed = view.steps.count { $0.state == .failed }
        let missing = view.steps.count { $0.state == .missing }
        if failed > 0 {
            return HTMLTag.p(.class("notice bad")) {
                "\(Wording.counted(Int64(failed), "step does", "steps do")) not hold. Do not rely on this reading before "
                    + "somebody has found out why."
            }
        }
        if missing > 0 {
            return HTMLTag.p(.class("notice warn")) {
                "\(Wording.counted(Int64(verified), "step was checked and holds", "steps were checked and hold")); "
                    + "\(Wording.counted(Int64(missing), "step is", "steps are")) not there, or not there yet."
            }
        }
        return HTMLTag.p(.class("notice")) {
            "Nothing is missing: \(Wording.counted(Int64(verified), "step was checked and holds", "steps were checked and hold"))."
        }
    }

    private static func about(_ view: TraceView) -> [(String, String)] {
        var facts: [(String, String)] = []
        if let reading = view.reading {
            facts += [
                ("Reading", "\(reading.name): \(reading.value)"),
                ("Measured at", reading.effective),
                ("Reached the gateway at", reading.issued),
                ("Device", reading.device),
            ]
            if let correction = reading.correction { facts.append(("Clock", correction)) }
            facts.append(("Quality", reading.flags.isEmpty ? "no flags" : reading.flags.joined(separator: ", ")))
        }
        facts += [
            (view.subject.utf8.count == 32 ? "Observation" : "Envelope", view.subject),
            ("Checked by", "agent \(view.agent)"),
            ("Checked at", Wording.moment(view.checkedAt)),
        ]
        return facts
    }

    private static func step(_ step: TraceView.Step) -> HTMLNode {
        let words = TraceWording.words(for: step.name)
        return HTMLTag.li(.class("card \(step.state.rawValue)")) {
            HTMLTag.h3 {
                "\(words.title) "
                Piece.badge(TraceWording.name(of: step.state), Self.kind(of: step.state))
            }
            HTMLTag.p { words.meaning }
            HTMLTag.p {
                HTMLTag.strong { "Found: " }
                step.text + "."
            }
            if !step.facts.isEmpty { Self.facts(step.facts.map { (TraceWording.fact($0.name), $0.value) }) }
        }
    }

    private static func kind(of state: TraceView.State) -> Piece.BadgeKind {
        switch state {
        case .verified: .good
        case .noted, .off: .plain
        case .missing: .warn
        case .failed: .bad
        }
    }

    private static func facts(_ facts: [(String, String)]) -> HTMLNode {
        HTMLTag.dl(.class("facts")) {
            for (name, value) in facts {
                HTMLTag.dt { name }
                HTMLTag.dd { value }
            }
        }
    }
}
