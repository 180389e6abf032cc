package import CanonicalBytes
internal import Certificates
package import Ledger

/// The issuers that a channel accepts: `u16 n × issuer`.
package struct IssuerList: StateRecord {
    /// Issuers that a channel may have.
    package static let countMax = 256

    package var issuers: [TrustedIssuer]

    package init(_ issuers: [TrustedIssuer]) { self.issuers = issuers }

    package func write(to writer: inout CanonicalWriter) {
        writer.u16(UInt16(self.issuers.count))
        for issuer in self.issuers { issuer.write(to: &writer) }
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        var issuers: [TrustedIssuer] = []
        for _ in 0..<(try reader.u16()) { issuers.append(try TrustedIssuer(from: &reader)) }
        self.issuers = issuers
    }

    /// The place of the issuer of a kind and name.
    func place(of kind: TrustedIssuer.Kind, _ name: String) -> Int? {
        self.issuers.firstIndex { $0.kind == kind && $0.issuer.name.isSame(as: name) }
    }

    /// Without an authority nobody could ever sign a transaction again.
    var hasAuthority: Bool { self.issuers.contains { $0.kind == .authority } }
}

extension TrustedIssuer {
    var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 128)
        self.write(to: &writer)
        return writer.bytes
    }
}

extension ContractCall {
    func issuers() throws(ContractFailure) -> IssuerList {
        try self.record(IssuerList.self, at: StateKey.issuers) ?? IssuerList([])
    }

    /// Replaces the list, and the entry of every issuer that came, changed or left.
    func setIssuers(_ list: IssuerList) throws(ContractFailure) {
        let old = try self.issuers()
        for issuer in old.issuers where list.place(of: issuer.kind, issuer.issuer.name) == nil {
            try self.set(StateKey.issuer(issuer.kind, issuer.issuer.name), to: nil)
        }
        for issuer in list.issuers where !old.issuers.contains(issuer) {
            try self.set(StateKey.issuer(issuer.kind, issuer.issuer.name), to: issuer.bytes)
        }
        try self.store(list, at: StateKey.issuers)
    }
}
