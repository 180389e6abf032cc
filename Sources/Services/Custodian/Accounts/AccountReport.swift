package import Bundles
internal import Records

/// What gateways state about their devices' messages, beside what was found in envelopes.
package struct AccountReport: Sendable, Equatable {
    /// A device's hour.
    package struct Line: Sendable, Equatable {
        /// The party that stated it.
        package let gateway: String
        package let stated: AccountRecord.Line
        /// Observations of these messages that were found in envelopes.
        package let here: Int64

        /// Observations that were stated and are in no envelope; 0 when all are here.
        package var missing: Int64 { max(0, self.stated.observations + self.stated.late - self.here) }

        /// Observations beyond those that were stated: the hour is stated anew within an hour of its last change.
        package var surplus: Int64 { max(0, self.here - self.stated.observations - self.stated.late) }

        /// Hour, gateway and device, by the first of ``AccountReport/columns``.
        package var texts: [String] {
            [AccountReport.text(hour: self.stated.hour), self.gateway, self.stated.device]
        }

        /// The counts, by the others of ``AccountReport/columns``.
        package var counts: [Int64] {
            [
                self.stated.received, self.stated.normalized, self.stated.deadLettered, self.stated.merged,
                self.stated.ignored, self.stated.observations, self.stated.late, self.here, self.missing,
            ]
        }

        var problems: [String] {
            let place = "\(self.gateway), \(AccountReport.text(hour: self.stated.hour)), \(self.stated.device)"
            var problems: [String] = []
            if self.stated.balance != 0 {
                problems.append(
                    "\(place): \(self.stated.received) messages received, \(self.stated.balance) not accounted for"
                )
            }
            if self.missing > 0 {
                let stated = self.stated.observations + self.stated.late
                problems.append("\(place): \(self.missing) of \(stated) Observations are in no envelope here")
            }
            return problems
        }
    }

    /// By gateway, hour and device.
    package var lines: [Line] = []
    /// What is missing or does not balance, and where; empty when nothing is.
    package var problems: [String] = []

    /// Names of what a line holds: three texts, then counts.
    package static let columns = [
        "hour", "gateway", "device", "received", "normalized", "dead_lettered", "merged", "ignored", "observations",
        "late", "here", "missing",
    ]

    /// The begin of an hour, RFC 3339.
    package static func text(hour: Int64) -> String {
        DateTime(nanosecondsSinceEpoch: hour * 3_600_000_000_000, fractionDigits: 0).description
    }
}

/// Opens an institution's envelopes at one or several centers and holds them against the gateways' accounts.
package struct AccountAudit: Sendable {
    private let openers: [EnvelopeOpener]

    /// - Parameter openers: of the centers; what one of them holds is enough.
    package init(_ openers: [EnvelopeOpener]) { self.openers = openers }

    /// Audits.
    ///
    /// - Parameters:
    ///   - scopes: of this custodian; those for epoch keys are passed over.
    ///   - fromHour: from then on, hours since 1970; `.min` for everything, which checks chains from their beginning.
    /// - Returns: the gateways' lines and what is missing.
    /// - Throws: what makes an envelope untrustworthy, or a center that does not answer.
    package func run(_ scopes: [RegisteredScope], fromHour: Int64) async throws -> AccountReport {
        var proof = AccountProof()
        let wanted = scopes.filter { !$0.isForEpochKeys && $0.mayHold(fromHour: fromHour) }
        for opener in self.openers { _ = try await opener.visit(wanted) { proof.take($0) } }
        return proof.report(fromHour: fromHour)
    }
}
