package import CanonicalBytes
internal import IBTP

/// An account or a contract of a chain with an EVM: 20 bytes.
package struct EVMAddress: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    /// - Throws: `FORMAT` for another number than 20 bytes.
    package init(_ bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count == 20, .format, "an address has 20 bytes, not \(bytes.count)")
        self.bytes = bytes
    }

    /// The account of a key: the last 20 bytes of the Keccak-256 of the public point (yellow paper, appendix F).
    ///
    /// - Parameter publicKey: the point's coordinates, 64 bytes.
    /// - Throws: `FORMAT` for another length.
    package init(publicKey: [UInt8]) throws(ProtocolFailure) {
        try require(publicKey.count == 64, .format, "a public point has 64 bytes")
        self.bytes = Keccak256.digest(publicKey).suffix(20)
    }

    /// The contract that an account creates (yellow paper, section 7).
    ///
    /// - Parameters:
    ///   - creator: sends the creating transaction.
    ///   - nonce: of that transaction.
    package init(createdBy creator: EVMAddress, nonce: UInt64) {
        self.bytes = Keccak256.digest(RLPItem.list([.bytes(creator.bytes), .number(nonce)]).encoded).suffix(20)
    }

    /// Reads `0x` and 40 digits: all lower case or all upper, or mixed as EIP-55 says.
    ///
    /// - Throws: `FORMAT`.
    package init(text: String) throws(ProtocolFailure) {
        guard text.hasPrefix("0x"), let bytes = [UInt8](hex: text.dropFirst(2)) else {
            throw ProtocolFailure(.format, "an address is 0x and 40 hexadecimal digits")
        }
        try self.init(bytes)
        let digits = text.dropFirst(2)
        let isMixed = digits.contains { $0.isLowercase } && digits.contains { $0.isUppercase }
        try require(!isMixed || self.checksummed == text, .format, "an address with a wrong checksum (EIP-55)")
    }

    /// `0x` and 40 digits in lower case, the name of a service on its chain.
    package var description: String { "0x" + self.bytes.hex }

    /// With the checksum of EIP-55 in the case of the digits, as wallets show it.
    package var checksummed: String {
        let digits = Array(self.bytes.hex.utf8)
        let sum = Keccak256.digest(digits)
        let text = digits.enumerated().map { place, digit -> UInt8 in
            let half = place.isMultiple(of: 2) ? sum[place / 2] >> 4 : sum[place / 2] & 15
            return digit >= UInt8(ascii: "a") && half >= 8 ? digit - 32 : digit
        }
        return "0x" + String(decoding: text, as: UTF8.self)
    }
}
