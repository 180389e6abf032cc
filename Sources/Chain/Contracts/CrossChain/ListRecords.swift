package import CanonicalBytes
internal import Consensus
internal import Ledger
internal import PathProofs
internal import Records
internal import Synchronization

/// A list of verification nodes with its first height, as governors vouch for it: `LP(list) || u64 first height`.
package struct ListAnchor: StateRecord {
    /// "WLVN", not read yet.
    package let list: [UInt8]
    package let firstHeight: UInt64

    package init(list: [UInt8], firstHeight: UInt64) {
        self.list = list
        self.firstHeight = firstHeight
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.list)
        writer.u64(self.firstHeight)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.list = try reader.lengthPrefixed()
        self.firstHeight = try reader.u64()
        try require(self.firstHeight > 0 && self.firstHeight < .max, .format, "no first height")
    }
}

/// A list in a contract's state: `u64 first height || u64 last height, or 0 || LP(list)`.
package struct ListRecord: StateRecord {
    package let firstHeight: UInt64
    /// 0 while no list has followed.
    package internal(set) var lastHeight: UInt64
    /// "WLVN".
    package let list: [UInt8]

    package init(firstHeight: UInt64, lastHeight: UInt64 = 0, list: [UInt8]) {
        self.firstHeight = firstHeight
        self.lastHeight = lastHeight
        self.list = list
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.u64(self.firstHeight)
        writer.u64(self.lastHeight)
        writer.lengthPrefixed(self.list)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.firstHeight = try reader.u64()
        self.lastHeight = try reader.u64()
        self.list = try reader.lengthPrefixed()
    }
}

/// Lists that were read: each key of one costs two pairings, and every path needs the lists of its hops.
///
/// A list depends on nothing but its bytes, so remembering changes no answer.
final class VerifiedLists: Sendable {
    private static let countMax = 256
    private let known = Mutex<[[UInt8]: VerificationNodeList]>([:])

    /// Reads a list, or remembers it.
    ///
    /// - Parameters:
    ///   - bytes: of any origin.
    ///   - old: a list whose keys were checked.
    /// - Returns: the list.
    /// - Throws: as ``VerificationNodeList/init(bytes:knowing:)``.
    func list(
        _ bytes: [UInt8],
        knowing old: VerificationNodeList? = nil
    ) throws(ProtocolFailure) -> VerificationNodeList {
        let digest = Digest.sha256(of: bytes).bytes
        if let list = self.known.withLock({ $0[digest] }) { return list }
        let list = try VerificationNodeList(bytes: bytes, knowing: old)
        self.known.withLock { known in
            if known.count >= Self.countMax { known.removeAll() }
            known[digest] = list
        }
        return list
    }
}

/// The lists of verification nodes that a contract has followed.
extension ForeignChains {
    /// The list of an epoch; nil when it is not known.
    func reign(of chain: String, _ epoch: UInt64, _ call: ContractCall) throws(ContractFailure) -> ListReign? {
        guard let record = try call.record(ListRecord.self, at: self.keys.list(chain, epoch)) else { return nil }
        do throws(ProtocolFailure) {
            let last = record.lastHeight == 0 ? nil : record.lastHeight
            return try ListReign(
                list: try self.lists.list(record.list),
                firstHeight: record.firstHeight,
                lastHeight: last
            )
        } catch { throw .damaged(error) }
    }

    /// The newest list of a chain; nil when none is known.
    func newestReign(of chain: String, _ call: ContractCall) throws(ContractFailure) -> ListReign? {
        guard let epoch = try call.number(at: self.keys.listEpoch(chain)) else { return nil }
        return try self.reign(of: chain, epoch, call)
    }

    /// Reads a list that governors vouch for.
    ///
    /// - Parameters:
    ///   - anchor: not read yet.
    ///   - chain: whose it has to be; nil for any.
    ///   - call: charged for the keys.
    /// - Returns: the list.
    /// - Throws: that it is none.
    func read(
        _ anchor: ListAnchor,
        of chain: String?,
        _ call: ContractCall
    ) throws(ContractFailure) -> VerificationNodeList {
        let list: VerificationNodeList
        do throws(ProtocolFailure) { list = try self.lists.list(anchor.list) } catch {
            throw .rejected(self.codes.badList, error.description)
        }
        try call.charge(2 * signatureCost * UInt64(list.nodes.count))
        try ensure(chain.map { list.chain.isSame(as: $0) } ?? true, self.codes.badList, "a list of another chain")
        return list
    }

    /// Takes a list because governors vouch for it; earlier ones of its chain count no more.
    func set(_ anchor: ListAnchor, _ list: VerificationNodeList, _ call: ContractCall) throws(ContractFailure) {
        if let old = try call.number(at: self.keys.listEpoch(list.chain)) {
            // At most as many as a history keeps: what is older is forgotten.
            for epoch in (old - min(old, UInt64(ListHistory.reignsMax)))...old {
                try call.set(self.keys.list(list.chain, epoch), to: nil)
            }
        }
        let record = ListRecord(firstHeight: anchor.firstHeight, list: anchor.list)
        try call.store(record, at: self.keys.list(list.chain, list.epoch))
        try call.set(self.keys.listEpoch(list.chain), to: list.epoch.bigEndianBytes)
    }

    /// Takes a list that the one before it certifies.
    ///
    /// - Returns: the list.
    /// - Throws: that no list of the chain is known; that it is known already; that it does not follow.
    func follow(
        _ handover: ListSuccession,
        of chain: String,
        _ call: ContractCall
    ) throws(ContractFailure) -> VerificationNodeList {
        guard let old = try self.newestReign(of: chain, call) else {
            throw .rejected(self.codes.listUnknown, "no list of \(chain) is known")
        }
        let list: VerificationNodeList
        do throws(ProtocolFailure) { list = try self.lists.list(handover.list, knowing: old.list) } catch {
            throw .rejected(self.codes.badList, error.description)
        }
        try call.charge(signatureCost * UInt64(2 * list.nodes.count + 4))
        try ensure(list.epoch > old.list.epoch, self.codes.listKnown, "epoch \(old.list.epoch) is known")
        var history = ListHistory(first: old)
        do throws(ProtocolFailure) {
            try history.follow(
                ListHandover(list: list, firstHeight: handover.firstHeight, certificate: handover.certificate)
            )
        } catch { throw .rejected(self.codes.badList, error.description) }
        let ended = ListRecord(
            firstHeight: old.firstHeight,
            lastHeight: handover.firstHeight - 1,
            list: old.list.bytes
        )
        try call.store(ended, at: self.keys.list(chain, old.list.epoch))
        let record = ListRecord(firstHeight: handover.firstHeight, list: handover.list)
        try call.store(record, at: self.keys.list(chain, list.epoch))
        try call.set(self.keys.listEpoch(chain), to: list.epoch.bigEndianBytes)
        let kept = UInt64(ListHistory.reignsMax)
        if list.epoch >= kept { try call.set(self.keys.list(chain, list.epoch - kept), to: nil) }
        return list
    }
}

/// A list with the certificate of the one before it: `LP(list) || u64 first height || LP(certificate)`.
package struct ListSuccession: StateRecord {
    /// "WLVN", not read yet.
    package let list: [UInt8]
    package let firstHeight: UInt64
    /// "WLQA" of the list before over the handover.
    package let certificate: [UInt8]

    package init(list: [UInt8], firstHeight: UInt64, certificate: [UInt8]) {
        self.list = list
        self.firstHeight = firstHeight
        self.certificate = certificate
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.list)
        writer.u64(self.firstHeight)
        writer.lengthPrefixed(self.certificate)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.list = try reader.lengthPrefixed()
        self.firstHeight = try reader.u64()
        self.certificate = try reader.lengthPrefixed()
    }
}
