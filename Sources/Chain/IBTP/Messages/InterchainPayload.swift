package import CanonicalBytes

/// What a message carries to the service: `payload`, 1 encrypted, 2 content, 3 hash.
package struct InterchainPayload: WireMessage {
    /// Whether only the destination can read the content.
    package var isEncrypted: Bool
    /// ``InterchainContent`` or ``InterchainResult``, or their ciphertext.
    package var content: [UInt8]
    /// What relay validators sign for chains with an EVM, ``PayloadHash``.
    package var hash: [UInt8]

    package init(isEncrypted: Bool = false, content: [UInt8], hash: [UInt8]) {
        self.isEncrypted = isEncrypted
        self.content = content
        self.hash = hash
    }

    package var bytes: [UInt8] {
        var writer = WireWriter()
        writer.flag(1, self.isEncrypted)
        writer.bytes(2, self.content)
        writer.bytes(3, self.hash)
        return writer.bytes
    }

    package init(reading bytes: ArraySlice<UInt8>) throws(ProtocolFailure) {
        self.init(content: [], hash: [])
        var reader = WireReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: self.isEncrypted = try field.flag()
            case 2: self.content = try field.bytes()
            case 3: self.hash = try field.bytes()
            default: break
            }
        }
    }
}

/// A call of a service: `content`, 1 func, 2 repeated bytes args.
package struct InterchainContent: WireMessage {
    package var function: String
    /// At most ``IBTPLimits/argumentsMax``.
    package var arguments: [[UInt8]]

    package init(function: String, arguments: [[UInt8]]) {
        self.function = function
        self.arguments = arguments
    }

    package var bytes: [UInt8] {
        var writer = WireWriter()
        writer.text(1, self.function)
        for argument in self.arguments { writer.element(2, argument) }
        return writer.bytes
    }

    package init(reading bytes: ArraySlice<UInt8>) throws(ProtocolFailure) {
        self.init(function: "", arguments: [])
        var reader = WireReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: self.function = try field.text()
            case 2:
                let fits = self.arguments.count < IBTPLimits.argumentsMax
                try require(fits, .format, "more than \(IBTPLimits.argumentsMax) arguments")
                self.arguments.append(try field.bytes())
            default: break
            }
        }
    }
}

/// What came of a call: `result`, 2 repeated res {1 repeated bytes data}, 3 repeated bool MultiStatus.
package struct InterchainResult: WireMessage {
    /// One list for each called service, at most ``IBTPLimits/resultsMax`` of ``IBTPLimits/argumentsMax`` values.
    package var data: [[[UInt8]]]
    /// Whether each call succeeded.
    package var statuses: [Bool]

    package init(data: [[[UInt8]]], statuses: [Bool]) {
        self.data = data
        self.statuses = statuses
    }

    package var bytes: [UInt8] {
        var writer = WireWriter()
        for values in self.data {
            var inner = WireWriter()
            for value in values { inner.element(1, value) }
            writer.element(2, inner.bytes)
        }
        writer.packed(3, self.statuses.map { $0 ? 1 : 0 })
        return writer.bytes
    }

    package init(reading bytes: ArraySlice<UInt8>) throws(ProtocolFailure) {
        self.init(data: [], statuses: [])
        var reader = WireReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 2: self.data.append(try Self.values(try field.slice()))
            case 3: self.statuses += try field.numbers(atMost: IBTPLimits.resultsMax).map { $0 != 0 }
            default: break
            }
            let count = max(self.data.count, self.statuses.count)
            try require(count <= IBTPLimits.resultsMax, .format, "more than \(IBTPLimits.resultsMax) results")
        }
    }

    private static func values(_ bytes: ArraySlice<UInt8>) throws(ProtocolFailure) -> [[UInt8]] {
        var values: [[UInt8]] = []
        var reader = WireReader(bytes)
        while let field = try reader.next() {
            guard field.number == 1 else { continue }
            try require(values.count < IBTPLimits.argumentsMax, .format, "more than \(IBTPLimits.argumentsMax) values")
            values.append(try field.bytes())
        }
        return values
    }
}
