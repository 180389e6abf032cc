internal import Bundles
internal import CanonicalBytes
internal import Credentials
internal import Crypto
internal import Spool

/// Makes a record of the accounts of complete hours.
struct AccountStatement {
    /// How long an hour is over before its accounts are stated: late commits make another line otherwise.
    private static let graceMilliseconds: Int64 = 120_000

    let bundle: HeldBundle
    let accounts: SealedAccounts

    /// The first hour since 1970 that is not complete.
    static func openHour(at now: Int64) -> Int64 {
        (now - Self.graceMilliseconds) / AccountSheet.hourMilliseconds
    }

    /// The stream of a gateway's accounts: its tag shows no more than the sender of an envelope does.
    static func stream(of gateway: String) -> PatientStream {
        let digest = SHA256.hash(data: Array("wardline accounts of \(gateway)".utf8))
        return PatientStream(subject: digest.prefix(16).hex, kind: .accounts)
    }

    /// What is to be stated next.
    ///
    /// - Parameters:
    ///   - spool: holds the accounts.
    ///   - gateway: its party's name.
    ///   - now: ms since 1970.
    /// - Returns: nil when every complete hour is stated as it is.
    /// - Throws: when the store fails, or `FORMAT`.
    static func next(_ spool: Spool, gateway: String, now: Int64) throws -> AccountStatement? {
        let stated = try spool.unsealedAccounts(before: Self.openHour(at: now), linesMax: AccountRecord.linesMax)
        guard let stated else { return nil }
        let record = AccountRecord(
            number: stated.number,
            previous: stated.previous,
            fromHour: stated.fromHour,
            toHour: stated.toHour,
            lines: stated.lines.map { line in
                let counts = line.account.counts
                return AccountRecord.Line(
                    hour: line.account.hour,
                    device: line.account.device,
                    received: counts.received,
                    normalized: counts.normalized,
                    deadLettered: counts.deadLettered,
                    merged: counts.duplicate + counts.redelivered,
                    ignored: counts.ignored + counts.shareRequests,
                    observations: line.account.observations,
                    late: line.late
                )
            }
        )
        let bundle = HeldBundle(
            stream: Self.stream(of: gateway),
            observations: 0,
            time: max(0, stated.fromHour * AccountSheet.hourMilliseconds),
            data: try record.data()
        )
        return AccountStatement(bundle: bundle, accounts: SealedAccounts(stated: stated, digest: record.digest))
    }
}
