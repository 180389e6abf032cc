package import Payloads
package import Records

/// Why an ADT message is no movement; it becomes a dead letter with this reason.
package struct MovementFailure: Error, Sendable, Hashable {
    /// A stable word for grouping.
    package let code: String
    /// A sentence without values of the message.
    package let detail: String

    package init(_ code: String, _ detail: String) {
        self.code = code
        self.detail = detail
    }
}

/// Reads the tree of an ADT message (``HL7Decoder``).
package struct MovementReader: Sendable {
    /// What a message is.
    package enum Outcome: Sendable, Equatable {
        case movement(Movement)
        /// An ADT event that moves nobody (A04, A05, A31, …); its trigger.
        case unrelated(String)
    }

    /// Beginnings so far ahead of their message are a clock's mistake.
    private static let aheadMax: Int64 = 86_400_000

    private let rules: MovementRules
    /// Makes a pseudonym of 32 hexadecimal digits.
    private let pseudonym: @Sendable (PatientIdentifier) -> String

    /// - Parameters:
    ///   - rules: of the institution that sends.
    ///   - pseudonym: the same as for patients whom monitors name, or one patient has two names.
    package init(_ rules: MovementRules, pseudonym: @escaping @Sendable (PatientIdentifier) -> String) {
        self.rules = rules
        self.pseudonym = pseudonym
    }

    /// Reads one message.
    ///
    /// - Parameters:
    ///   - tree: of the message.
    ///   - receivedAt: gateway clock, ms since 1970.
    /// - Returns: the movement, or that the event moves nobody.
    /// - Throws: ``MovementFailure`` when it moves somebody, but does not say whom or when.
    package func read(_ tree: PayloadTree, receivedAt: Int64) throws(MovementFailure) -> Outcome {
        guard let type = tree.text("message_type"), type == "ADT" else {
            throw MovementFailure("adt-not-adt", "the message is no ADT message (MSH-9)")
        }
        // EVN-1 repeats the trigger and is withdrawn since version 2.5; it helps where MSH-9 has no second part.
        guard let trigger = tree.text("trigger") ?? tree.text("event", "code") else {
            throw MovementFailure("adt-no-event", "neither MSH-9 nor EVN-1 says what happened")
        }
        guard let event = Movement.Event(rawValue: trigger) else { return .unrelated(trigger) }
        guard let controlID = tree.text("control_id") else {
            throw MovementFailure("adt-no-control-id", "MSH-10 is empty: repetitions could not be recognised")
        }
        let patient = try self.patient(tree, "patient")
        let merged = event == .merge ? try self.patient(tree, "merged") : nil
        // Numbers that are not of the configured kind were merged, or one with itself.
        if event == .merge, merged == patient { return .unrelated(trigger) }
        let (time, recorded) = try self.times(tree)
        if event == .admit || event == .transfer, time.latest - receivedAt > Self.aheadMax {
            throw MovementFailure("adt-time-ahead", "its time is more than a day ahead of this machine's clock")
        }
        return .movement(
            Movement(
                event: event,
                sender: [tree.text("sending_application"), tree.text("sending_facility")]
                    .map { $0 ?? "" }.joined(separator: "|"),
                controlID: controlID,
                patient: self.pseudonym(patient),
                merged: merged.map(self.pseudonym) ?? "",
                visit: tree.text("visit", "number").map { self.visit($0, patient) } ?? "",
                place: self.place(tree.node("visit"), tree),
                prior: self.place(tree.node("visit", "prior"), tree),
                time: time.earliest,
                timeLatest: time.latest,
                recordedAt: recorded,
                receivedAt: receivedAt
            )
        )
    }

    /// A visit's number names a patient too; the zero keeps it apart from every assigner of patients.
    private func visit(_ number: String, _ patient: PatientIdentifier) -> String {
        self.pseudonym(PatientIdentifier(assigner: "\u{0}visit/\(patient.assigner)", recordNumber: number))
    }

    private func patient(_ tree: PayloadTree, _ name: String) throws(MovementFailure) -> PatientIdentifier {
        var next = tree.node(name, "identifiers").flatMap { tree.firstChild($0) }
        while let node = next {
            next = tree.nextSibling(node)
            let assigner = tree.text(node, "assigner")
            guard let number = tree.text(node, "id"),
                self.rules.identifierType.map({ $0 == tree.text(node, "type") }) ?? true,
                self.rules.identifierAssigner.map({ $0 == assigner }) ?? true
            else { continue }
            return PatientIdentifier(assigner: assigner ?? self.rules.assignerDefault, recordNumber: number)
        }
        let field = name == "patient" ? "PID-3" : "MRG-1"
        throw MovementFailure("adt-no-patient", "\(field) has no identifier of the configured type and assigner")
    }

    private func place(_ location: PayloadTree.NodeID?, _ tree: PayloadTree) -> Movement.Place {
        guard let location else { return .unstated }
        let parts = BedTemplate.Part.allCases.map { tree.text(location, $0.rawValue) }
        guard parts.contains(where: { $0 != nil }) else { return .unstated }
        let name = self.rules.bed.name { tree.text(location, $0.rawValue) }
        return name.map(Movement.Place.bed) ?? .elsewhere
    }
}

// MARK: - Times

extension MovementReader {
    private struct Moment {
        /// ms since 1970.
        let earliest: Int64
        let latest: Int64
    }

    /// What the repeated hour of a change of clocks is apart from its repetition, ms.
    private static let repeatedHour: Int64 = 3_600_000

    /// When it happened, and when it was entered.
    ///
    /// EVN-6 says when it happened, EVN-2 when it was entered, MSH-7 when the message was made. A time without hours and
    /// minutes says too little to hand a bed over.
    private func times(_ tree: PayloadTree) throws(MovementFailure) -> (Moment, recorded: Int64) {
        let occurred = self.moment(tree.text("event", "occurred"))
        let recorded = self.moment(tree.text("event", "recorded"))
        let sent = self.moment(tree.text("message_time"))
        guard let moment = occurred ?? recorded ?? sent else {
            throw MovementFailure("adt-no-time", "EVN-6, EVN-2 and MSH-7 have no time with hours and minutes")
        }
        return (moment, (recorded ?? sent ?? moment).earliest)
    }

    private func moment(_ text: String?) -> Moment? {
        guard let text, let civil = CivilDateTime(hl7: text.utf8), civil.precision >= .minute, civil.year >= 1990,
            let (time, ambiguity) = self.rules.zone.resolve(civil)
        else { return nil }
        let earliest = time.millisecondsSinceEpoch
        return Moment(earliest: earliest, latest: ambiguity == .overlap ? earliest + Self.repeatedHour : earliest)
    }
}

extension PayloadTree {
    fileprivate func node(_ path: String...) -> NodeID? {
        guard !self.isEmpty else { return nil }
        var node = NodeID.root
        for name in path {
            guard let next = self.member(node, named: name) else { return nil }
            node = next
        }
        return node
    }

    fileprivate func text(_ path: String...) -> String? {
        guard !self.isEmpty else { return nil }
        var node = NodeID.root
        for name in path {
            guard let next = self.member(node, named: name) else { return nil }
            node = next
        }
        return self.word(node)
    }

    fileprivate func text(_ node: NodeID, _ name: String) -> String? {
        self.member(node, named: name).flatMap { self.word($0) }
    }

    /// Text that is not empty.
    private func word(_ node: NodeID) -> String? {
        self.string(node).flatMap { $0.isEmpty ? nil : $0 }
    }
}
