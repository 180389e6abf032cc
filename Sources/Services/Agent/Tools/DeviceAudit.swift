internal import Normalization
internal import Records
internal import Spool

/// Holds what was received from each device in each hour against what became of it: `wardline audit devices`.
///
/// The counts of the commits are held against sources that were counted elsewhere: the inbox's own numbering, the ledger, the
/// dead letters, and the Observations that are still on their way.
package struct DeviceAudit {
    /// A device's hour.
    package struct Line: Sendable, Equatable {
        package let device: String
        /// Hours since 1970 UTC.
        package let hour: Int64
        package let received: Int64
        /// Messages whose Observations everybody has who is to have them.
        package let delivered: Int64
        /// Messages with an Observation that somebody lacks.
        package let spooled: Int64
        package let deadLettered: Int64
        /// Repetitions: of a reading by the device, or of a message by the broker.
        package let merged: Int64
        /// Messages that the profile says to pass over, or that are no readings.
        package let ignored: Int64
        package let observations: Int64

        package var balance: Int64 {
            self.received - self.delivered - self.spooled - self.deadLettered - self.merged - self.ignored
        }
    }

    package struct Report: Sendable, Equatable {
        package var lines: [Line] = []
        /// Messages that are durable and not normalized yet: of which device is not known before.
        package var waiting: Int64 = 0
        /// What does not balance, and where; empty when everything does.
        package var problems: [String] = []
    }

    private let store: AgentStore

    package init(configuration: AgentConfiguration) throws { self.store = try AgentStore(configuration: configuration) }

    init(store: AgentStore) { self.store = store }

    /// Audits.
    ///
    /// - Parameters:
    ///   - fromHour: lines from then on, hours since 1970; checks cover everything that is kept.
    ///   - device: lines of this one alone.
    /// - Returns: the lines and what does not balance.
    /// - Throws: when the store fails or a row does not open.
    package func run(fromHour: Int64 = .min, device: String? = nil) throws -> Report {
        var report = Report()
        // While the agent runs, counts move between two looks: one that balances is believed.
        for attempt in 0..<Self.attempts {
            report = try self.look(fromHour: fromHour, device: device)
            if report.problems.isEmpty || attempt == Self.attempts - 1 { break }
        }
        return report
    }

    private static let attempts = 5

    private func look(fromHour: Int64, device: String?) throws -> Report {
        var report = Report()
        let inboxes = [self.store.inbox, self.store.waves].compactMap { $0 }
        let spooled = try self.spooled()
        let accounts = try self.store.spool.accounts()
        let totals = try self.store.spool.accountTotals()
        for account in accounts {
            let owner = AccountSheet.Owner(device: account.device, hour: account.hour)
            let line = Line(account, spooled: spooled[owner] ?? 0)
            if line.balance != 0 {
                report.problems.append(
                    "\(Self.text(owner)): \(line.received) received, but \(line.received - line.balance) accounted for"
                )
            }
            let (onTheWay, came) = (spooled[owner] ?? 0, account.counts.normalized + account.beside)
            if onTheWay > came {
                report.problems.append("\(Self.text(owner)): \(onTheWay) messages on their way, but only \(came) came")
            }
            if account.hour >= fromHour, device == nil || device == account.device { report.lines.append(line) }
        }
        report.problems += self.problems(of: totals)
        try self.compareInboxes(inboxes, accounts, totals, &report)
        return report
    }

    private func problems(of totals: AccountTotals) -> [String] {
        var problems: [String] = []
        if totals.received != totals.accounted {
            problems.append("the ledger counts \(totals.received) messages, the devices' accounts \(totals.accounted)")
        }
        if totals.openReceipts > totals.deadLettered {
            problems.append(
                "\(totals.openReceipts) messages are open dead letters, but only \(totals.deadLettered) were counted"
            )
        }
        for range in totals.missing {
            problems.append("Observations \(range.lowerBound) to \(range.upperBound) are missing in the spool")
        }
        return problems
    }

    /// What the inboxes hold of each hour must be what the accounts have of it.
    private func compareInboxes(
        _ inboxes: [Inbox],
        _ accounts: [DeviceAccount],
        _ totals: AccountTotals,
        _ report: inout Report
    ) throws {
        var held: [Int64: Int64] = [:]
        var firstHour = totals.auditFromHour
        for inbox in inboxes {
            let cursor = try self.store.spool.cursor(of: inbox.lane)
            report.waiting += try inbox.holding(after: cursor).messages
            let (hours, isComplete) = try inbox.messagesByHour(through: cursor)
            held.merge(hours, uniquingKeysWith: +)
            // The first hour that is kept has perhaps lost its beginning.
            if !isComplete, let oldest = hours.keys.min() { firstHour = max(firstHour, oldest + 1) }
        }
        var accounted: [Int64: Int64] = [:]
        for account in accounts { accounted[account.hour, default: 0] += account.counts.received }
        for hour in Set(held.keys).union(accounted.keys).sorted() where hour >= firstHour {
            let (there, counted) = (held[hour] ?? 0, accounted[hour] ?? 0)
            guard there != counted, there > 0 || self.isKept(hour) else { continue }
            report.problems.append(
                "\(Self.text(hour: hour)): the inbox holds \(there) messages, the devices' accounts have \(counted)"
            )
        }
    }

    /// Whether the raw messages of an hour cannot have been deleted yet.
    private func isKept(_ hour: Int64) -> Bool {
        hour * AccountSheet.hourMilliseconds >= self.store.replayableFrom(now: systemMilliseconds())
    }

    /// Messages with an Observation on its way, by device and hour.
    private func spooled() throws -> [AccountSheet.Owner: Int64] {
        let undelivered = try self.store.spool.undelivered()
        var messages: [AccountSheet.Owner: Set<String>] = [:]
        func take(_ line: ArraySlice<UInt8>) {
            guard let written = WrittenObservation(line), written.status == "final", !written.isReplayed,
                let time = DateTime(rfc3339: Array(written.issued.utf8))
            else { return }
            let owner = AccountSheet.Owner(
                device: written.device.isEmpty ? AccountSheet.unnamed(written.profileID) : written.device,
                hour: time.millisecondsSinceEpoch / AccountSheet.hourMilliseconds
            )
            messages[owner, default: []].insert("\(written.rawHash) \(written.issued)")
        }
        var wanted = undelivered.inTransit[...]
        while let first = wanted.first, let chunk = try self.store.spool.observations(after: first - 1).first {
            let lines = chunk.lines.split(separator: UInt8(ascii: "\n"))
            wanted = wanted.drop { $0 < chunk.firstSequence }
            while let number = wanted.first, number <= chunk.lastSequence {
                take(lines[Int(number - chunk.firstSequence)])
                wanted = wanted.dropFirst()
            }
        }
        var last = undelivered.after
        while let chunk = try self.store.spool.observations(after: last).first {
            for line in chunk.lines.split(separator: UInt8(ascii: "\n")) { take(line) }
            last = chunk.lastSequence
        }
        return messages.mapValues { Int64($0.count) }
    }

    private static func text(_ owner: AccountSheet.Owner) -> String {
        "\(owner.device), \(self.text(hour: owner.hour))"
    }

    /// The begin of an hour, RFC 3339.
    package static func text(hour: Int64) -> String {
        DateTime(nanosecondsSinceEpoch: hour * 3_600_000_000_000, fractionDigits: 0).description
    }
}

extension DeviceAudit.Line {
    init(_ account: DeviceAccount, spooled: Int64) {
        let counts = account.counts
        let spooled = min(spooled, counts.normalized)
        self.init(
            device: account.device,
            hour: account.hour,
            received: counts.received,
            delivered: counts.normalized - spooled,
            spooled: spooled,
            deadLettered: counts.deadLettered,
            merged: counts.duplicate + counts.redelivered,
            ignored: counts.ignored + counts.shareRequests,
            observations: account.observations
        )
    }
}

extension WrittenObservation {
    /// The id of the profile that read it, without its version.
    fileprivate var profileID: String {
        self.profile.lastIndex(of: "@").map { String(self.profile[..<$0]) } ?? self.profile
    }
}
