internal import Expressions
package import Payloads

/// How a device's bytes become a tree: unwrapping, decoding, and payloads inside payloads.
package struct PayloadSource: Sendable {
    /// The wire formats that profiles can name.
    package enum Format: String, Sendable, CaseIterable {
        case json
        case jsonLines = "json-lines"
        case cbor
        case senmlJSON = "senml+json"
        case senmlCBOR = "senml+cbor"
        case sparkplugB = "sparkplug-b"
        case csv
        case scalar
        case lineProtocol = "line-protocol"
        case hl7v2
        case gatt
        case binary
    }

    /// One decoding step.
    struct Step: Sendable {
        let wrapping: [Wrapping]
        let format: Format
        let dialect: DelimitedDecoder.Dialect
        let characteristic: CharacteristicRule?
    }

    /// A payload inside a member of the outer one.
    struct Nested: Sendable {
        let at: JSONPath
        /// The member of the root that receives the inner tree.
        let name: String
        let step: Step
    }

    /// Which GATT characteristic the bytes are.
    enum CharacteristicRule: Sendable {
        case fixed(GATTCharacteristic)
        /// The outer payload or the topic names it by UUID.
        case stated(Expression)
    }

    let step: Step
    let nested: [Nested]

    /// The outer format and those of nested payloads.
    package var formats: [Format] { [self.step.format] + self.nested.map(\.step.format) }
}

/// What decoders remember between messages.
package struct DecoderState: Sendable {
    /// Sparkplug birth certificates: which alias is which metric.
    package var births: SparkplugBirths

    /// Starts with nothing remembered.
    package init() { self.births = SparkplugBirths() }

    /// Restores what ``encoded()`` gave; nil when the bytes are damaged.
    package init?(encoded: [UInt8]) {
        guard let births = SparkplugBirths(encoded: encoded) else { return nil }
        self.births = births
    }

    package func encoded() -> [UInt8] { self.births.encoded() }
}

extension PayloadSource {
    /// Decodes one payload into a freshly reset tree.
    ///
    /// - Throws: ``DecodeFailure`` with a typed reason; the state is unchanged then.
    func decode(
        _ payload: UnsafeRawBufferPointer,
        topic: ArraySlice<UInt8>,
        captures: [Range<Int>],
        state: inout DecoderState,
        into tree: inout PayloadTree
    ) throws(DecodeFailure) {
        tree.reset()
        try Self.decode(
            self.step,
            payload,
            topic: topic,
            key: .none,
            captures: captures,
            state: &state,
            into: &tree
        )
        for nested in self.nested {
            guard let node = nested.at.first(in: tree, at: .root), let inner = tree.bytes(node) else { continue }
            let bytes = Array(inner)
            guard tree.reopenRootObject() else {
                throw DecodeFailure(.malformed, "a nested payload needs an object around it")
            }
            let key = tree.append(Array(nested.name.utf8))
            try bytes.withBytes { (buffer) throws(DecodeFailure) in
                try Self.decode(
                    nested.step,
                    buffer,
                    topic: topic,
                    key: key,
                    captures: captures,
                    state: &state,
                    into: &tree
                )
            }
            tree.closeContainer()
        }
    }

    private static func decode(
        _ step: Step,
        _ payload: UnsafeRawBufferPointer,
        topic: ArraySlice<UInt8>,
        key: PayloadTree.Span,
        captures: [Range<Int>],
        state: inout DecoderState,
        into tree: inout PayloadTree
    ) throws(DecodeFailure) {
        guard !step.wrapping.isEmpty else {
            return try Self.decodeBare(
                step,
                payload,
                topic: topic,
                key: key,
                captures: captures,
                state: &state,
                into: &tree
            )
        }
        var bytes = Array(payload)
        for wrapping in step.wrapping {
            bytes = try bytes.withBytes { (buffer) throws(DecodeFailure) in
                try wrapping.unwrap(buffer, outputBytesMax: PayloadBounds.unwrappedBytesMax)
            }
        }
        try bytes.withBytes { (buffer) throws(DecodeFailure) in
            try Self.decodeBare(step, buffer, topic: topic, key: key, captures: captures, state: &state, into: &tree)
        }
    }

    private static func decodeBare(
        _ step: Step,
        _ bytes: UnsafeRawBufferPointer,
        topic: ArraySlice<UInt8>,
        key: PayloadTree.Span,
        captures: [Range<Int>],
        state: inout DecoderState,
        into tree: inout PayloadTree
    ) throws(DecodeFailure) {
        let bytesMax = PayloadBounds.unwrappedBytesMax
        switch step.format {
        case .json: try JSONTextDecoder.decode(bytes, key: key, into: &tree, bytesMax: bytesMax)
        case .jsonLines:
            try JSONTextDecoder.decode(bytes, key: key, into: &tree, framing: .lines, bytesMax: bytesMax)
        case .cbor: try CBORDecoder.decode(bytes, key: key, into: &tree, bytesMax: bytesMax)
        case .senmlJSON:
            try SenMLDecoder.decode(bytes, encoding: .json, key: key, into: &tree, bytesMax: bytesMax)
        case .senmlCBOR:
            try SenMLDecoder.decode(bytes, encoding: .cbor, key: key, into: &tree, bytesMax: bytesMax)
        case .csv:
            try DelimitedDecoder.decode(bytes, key: key, into: &tree, dialect: step.dialect, bytesMax: bytesMax)
        case .scalar: try ScalarDecoder.decode(bytes, key: key, into: &tree, bytesMax: bytesMax)
        case .lineProtocol: try LineProtocolDecoder.decode(bytes, key: key, into: &tree, bytesMax: bytesMax)
        case .hl7v2: try HL7Decoder.decodeValue(bytes, key: key, into: &tree)
        case .binary: try BinaryDecoder.decodeValue(bytes, key: key, into: &tree)
        case .sparkplugB:
            try SparkplugDecoder.decodeValue(
                bytes,
                topic: SparkplugTopic(topic),
                births: &state.births,
                key: key,
                into: &tree
            )
        case .gatt:
            let characteristic = try Self.characteristic(step, topic: topic, captures: captures, tree: tree)
            try GATTDecoder.decodeValue(bytes, as: characteristic, key: key, into: &tree)
        }
    }

    private static func characteristic(
        _ step: Step,
        topic: ArraySlice<UInt8>,
        captures: [Range<Int>],
        tree: PayloadTree
    ) throws(DecodeFailure) -> GATTCharacteristic {
        switch step.characteristic {
        case .fixed(let characteristic): return characteristic
        case .stated(let expression):
            let scope = EvaluationScope(tree: tree, topic: topic, captures: captures)
            guard let name = expression.evaluateText(scope), let characteristic = GATTCharacteristic(name) else {
                throw DecodeFailure(.unsupported, "the message names no GATT characteristic that Wardline reads")
            }
            return characteristic
        case nil: throw DecodeFailure(.unsupported, "the profile names no GATT characteristic")
        }
    }
}

extension [UInt8] {
    /// `withUnsafeBytes` that keeps the error's type.
    fileprivate func withBytes<Value>(
        _ body: (UnsafeRawBufferPointer) throws(DecodeFailure) -> Value
    ) throws(DecodeFailure) -> Value {
        let result: Result<Value, DecodeFailure> = self.withUnsafeBytes { buffer in
            do throws(DecodeFailure) { return .success(try body(buffer)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}
