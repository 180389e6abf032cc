internal import CanonicalBytes
package import Consensus
package import Ledger

/// What an audit of an exported channel found right.
package struct ExportReport: Hashable, Sendable {
    package let chain: String
    package let channel: Channel
    /// Digest of the genesis.
    package let genesis: [UInt8]
    package let progress: ChainAudit.Progress
    package let tip: BlockHash
    package let stateRoot: [UInt8]
}

/// Checks an exported channel offline: every certificate, signature, root and effect.
package struct ExportAudit {
    private let reader: ExportReader
    private var audit: ChainAudit
    private let genesis: Genesis

    /// - Parameters:
    ///   - reader: at the file's beginning.
    ///   - genesis: that is trusted; nil takes the file's own.
    ///   - logic: the chain's contracts.
    ///   - scheme: how its certificates are made.
    /// - Throws: ``ExportFailure`` for a file of another chain.
    package init(
        _ reader: ExportReader,
        genesis: Genesis?,
        logic: any ContractLogic,
        scheme: any SignatureScheme
    ) throws(ExportFailure) {
        let own = reader.header.genesis
        guard genesis == nil || genesis == own else {
            throw ExportFailure(
                "the file begins with another genesis (\(own.digest.hex)) than the given one "
                    + "(\(genesis?.digest.hex ?? ""))"
            )
        }
        self.reader = reader
        self.genesis = own
        do throws(ProtocolFailure) {
            self.audit = try ChainAudit(genesis: own, channel: reader.header.channel, logic: logic, scheme: scheme)
        } catch { throw ExportFailure("the genesis is damaged: \(error)") }
    }

    /// Checks the next block.
    ///
    /// - Returns: false at the end of the file.
    /// - Throws: ``ExportFailure`` with the first block that is wrong.
    package mutating func step() throws(ExportFailure) -> Bool {
        guard let (payload, certificate) = try self.reader.next() else { return false }
        let height = self.audit.progress.height + 1
        do throws(ProtocolFailure) {
            try self.audit.append(payload, try QuorumCertificate(bytes: certificate))
        } catch { throw ExportFailure("block \(height) is wrong: \(error)", height: height) }
        return true
    }

    /// Height of the last block that was checked.
    package var height: Height { self.audit.progress.height }

    /// What was found right so far.
    package var report: ExportReport {
        ExportReport(
            chain: self.genesis.chain,
            channel: self.reader.header.channel,
            genesis: self.genesis.digest,
            progress: self.audit.progress,
            tip: self.audit.tip,
            stateRoot: self.audit.stateRoot
        )
    }
}
