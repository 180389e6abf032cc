internal import Bundles
internal import CanonicalBytes
internal import Normalization

internal import struct Bundles.Bundle

/// Holds what gateways state about their devices' messages against what their envelopes hold.
///
/// Pure: it is given records and bundles in any order. A gateway cannot leave out an hour afterwards, because its records are
/// numbered and chained; and of what it states, a center cannot leave out an envelope.
struct AccountProof {
    private struct Owner: Hashable {
        let gateway: String
        let hour: Int64
        let device: String
    }

    /// A gateway's records by number.
    private var records: [String: [UInt64: AccountRecord]] = [:]
    /// Two different records under one number: the gateway told two stories.
    private var contradictions: Set<String> = []
    private var found: [Owner: Int64] = [:]
    private var envelopes: Set<[UInt8]> = []

    private static let hourNs: Int64 = 3_600_000_000_000

    /// Takes an envelope; the same one from another center counts once.
    mutating func take(_ envelope: OpenedEnvelope) {
        guard self.envelopes.insert(envelope.h1).inserted else { return }
        for record in envelope.accounts {
            let known = self.records[envelope.sender]?[record.number]
            if let known, known != record { self.contradictions.insert("\(envelope.sender): record \(record.number)") }
            self.records[envelope.sender, default: [:]][record.number] = record
        }
        for bundle in envelope.bundles { self.take(bundle, from: envelope.sender) }
    }

    private mutating func take(_ bundle: Bundle, from gateway: String) {
        for observation in bundle.observations {
            // What a replay of a profile issued is no Observation that a message brought when it came.
            guard let written = WrittenObservation(observation.json[...]), written.status == "final",
                !written.isReplayed
            else { continue }
            let message = bundle.messages[observation.message]
            let owner = Owner(
                gateway: gateway,
                hour: message.receivedNs / Self.hourNs,
                device: written.device.isEmpty ? "(\(bundle.profiles[message.profile].id))" : written.device
            )
            self.found[owner, default: 0] += 1
        }
    }

    /// What was found out.
    ///
    /// - Parameter fromHour: only lines from then on, hours since 1970; chains of records are checked as far as they are here.
    /// - Returns: the gateways' lines and what is wrong with them.
    func report(fromHour: Int64) -> AccountReport {
        var report = AccountReport()
        for contradiction in self.contradictions.sorted() {
            report.problems.append("\(contradiction) is there twice, with different contents")
        }
        for (gateway, records) in self.records.sorted(by: { $0.key < $1.key }) {
            let chain = records.values.sorted { $0.number < $1.number }
            report.problems += Self.problems(of: chain, gateway: gateway, isWhole: fromHour == .min)
            var newest: [Owner: AccountRecord.Line] = [:]
            for line in chain.flatMap(\.lines) {
                newest[Owner(gateway: gateway, hour: line.hour, device: line.device)] = line
            }
            for (owner, line) in newest where owner.hour >= fromHour {
                report.lines.append(AccountReport.Line(gateway: gateway, stated: line, here: self.found[owner] ?? 0))
            }
            report.problems += self.unstated(gateway, chain, newest, fromHour)
        }
        report.lines.sort {
            ($0.gateway, $0.stated.hour, $0.stated.device) < ($1.gateway, $1.stated.hour, $1.stated.device)
        }
        report.problems += report.lines.flatMap(\.problems)
        return report
    }

    /// Gaps and breaks in a gateway's chain of records.
    private static func problems(of chain: [AccountRecord], gateway: String, isWhole: Bool) -> [String] {
        var problems: [String] = []
        if isWhole, let first = chain.first, first.number > 1 {
            problems.append("\(gateway): records 1 to \(first.number - 1) of its accounts are missing")
        }
        for (earlier, later) in zip(chain, chain.dropFirst()) {
            if later.number > earlier.number + 1 {
                let hours = "\(AccountReport.text(hour: earlier.toHour)) to \(AccountReport.text(hour: later.fromHour))"
                problems.append(
                    "\(gateway): records \(earlier.number + 1) to \(later.number - 1) of its accounts are missing (\(hours))"
                )
            } else if later.previous != earlier.digest || later.fromHour != earlier.toHour {
                problems.append("\(gateway): record \(later.number) of its accounts does not follow \(earlier.number)")
            }
        }
        return problems
    }

    /// Hours that the chain covers, with Observations of a device that no line names.
    private func unstated(
        _ gateway: String,
        _ chain: [AccountRecord],
        _ lines: [Owner: AccountRecord.Line],
        _ fromHour: Int64
    ) -> [String] {
        guard let first = chain.first?.fromHour, let end = chain.last?.toHour else { return [] }
        return self.found.keys
            .filter { owner in
                owner.gateway == gateway && owner.hour >= max(first, fromHour) && owner.hour < end
                    && lines[owner] == nil
            }
            .sorted { ($0.hour, $0.device) < ($1.hour, $1.device) }
            .map {
                "\(gateway), \(AccountReport.text(hour: $0.hour)), \($0.device): Observations that no account states"
            }
    }
}
