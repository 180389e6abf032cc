package import CanonicalBytes

/// The two services of an exchange, `from-to`.
package struct ServicePair: Hashable, Sendable, CustomStringConvertible {
    package let from: ServiceID
    package let to: ServiceID

    package init(from: ServiceID, to: ServiceID) {
        self.from = from
        self.to = to
    }

    package var description: String { "\(self.from)-\(self.to)" }

    /// Whether the services' chains belong to different relay chains.
    package var isBetweenHubs: Bool { self.from.hub != self.to.hub }
}

/// The identifier of a request and of all that answers it, `from-to-index`.
package struct MessageID: Hashable, Sendable, CustomStringConvertible {
    /// Bytes of the longest identifier.
    package static let bytesMax = 2 * ServiceID.bytesMax + 22

    package let pair: ServicePair
    /// From 1.
    package let index: UInt64

    /// - Throws: `FORMAT` for the index 0.
    package init(_ pair: ServicePair, index: UInt64) throws(ProtocolFailure) {
        try require(index > 0, .format, "the first index is 1")
        self.pair = pair
        self.index = index
    }

    /// Reads `from-to-index`, the index in decimal digits without leading zeros.
    ///
    /// - Throws: `FORMAT`.
    package init(_ text: String) throws(ProtocolFailure) {
        try require(text.utf8.count <= Self.bytesMax, .format, "too long for an identifier")
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        try require(parts.count == 3, .format, "an identifier has three parts")
        let pair = ServicePair(from: try ServiceID(String(parts[0])), to: try ServiceID(String(parts[1])))
        guard let index = UInt64(parts[2]), String(index).utf8.elementsEqual(parts[2].utf8) else {
            throw ProtocolFailure(.format, "not an index")
        }
        try self.init(pair, index: index)
    }

    package var from: ServiceID { self.pair.from }
    package var to: ServiceID { self.pair.to }
    package var description: String { "\(self.pair)-\(self.index)" }
}

extension MessageID: Comparable {
    /// By the services' names, then by index.
    package static func < (left: MessageID, right: MessageID) -> Bool {
        if left.pair.from != right.pair.from { return left.pair.from < right.pair.from }
        if left.pair.to != right.pair.to { return left.pair.to < right.pair.to }
        return left.index < right.index
    }
}

extension InterchainMessage {
    /// The message's identifier.
    ///
    /// - Throws: `FORMAT` when a service's name is malformed, or the index is 0.
    package var id: MessageID {
        get throws(ProtocolFailure) {
            let pair = ServicePair(from: try ServiceID(self.from), to: try ServiceID(self.to))
            return try MessageID(pair, index: self.index)
        }
    }
}
