/// The Protocol Buffers messages of Sparkplug B (Sparkplug 3.0 §6.4), as far as measurements need them.
///
/// Texts and bytes point into the payload.
struct SparkplugPayload {
    /// More metrics than this in one payload are refused.
    static let metricsMax = 8_192

    /// Milliseconds since 1970-01-01T00:00:00Z.
    private(set) var timestamp: UInt64?
    /// 0...255, counting all messages of an edge node.
    private(set) var sequence: UInt8?
    private(set) var metrics: [SparkplugMetric] = []

    init(_ bytes: UnsafeRawBufferPointer) throws(DecodeFailure) {
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: self.timestamp = try field.unsigned()
            case 2:
                guard self.metrics.count < Self.metricsMax else {
                    throw DecodeFailure(.tooLarge, "more than \(Self.metricsMax) metrics", offset: field.offset)
                }
                let message = try field.bytes()
                self.metrics.append(try SparkplugMetric(message, base: reader.offset - message.count))
            case 3: self.sequence = try Self.sequence(field)
            default: break
            }
        }
    }

    private static func sequence(_ field: ProtobufReader.Field) throws(DecodeFailure) -> UInt8 {
        guard let sequence = UInt8(exactly: try field.unsigned()) else {
            throw DecodeFailure(.malformed, "seq is not within 0...255", offset: field.offset)
        }
        return sequence
    }
}

/// One metric of a ``SparkplugPayload``.
struct SparkplugMetric {
    var name: UnsafeRawBufferPointer?
    var alias: UInt64?
    var timestamp: UInt64?
    /// A number of ``SparkplugDatatype``; 0 or nil is left to the birth.
    var datatype: UInt32?
    var isHistorical = false
    var isTransient = false
    var isNull = false
    var value: SparkplugValue?
    /// The PropertySet message.
    var properties: UnsafeRawBufferPointer?
    /// Where the metric starts in the payload.
    let offset: Int

    init(_ bytes: UnsafeRawBufferPointer, base: Int) throws(DecodeFailure) {
        self.offset = base
        var reader = ProtobufReader(bytes, base: base)
        while let field = try reader.next() {
            switch field.number {
            case 1: self.name = try field.text()
            case 2: self.alias = try field.unsigned()
            case 3: self.timestamp = try field.unsigned()
            case 4: self.datatype = try field.unsigned32()
            case 5: self.isHistorical = try field.bool()
            case 6: self.isTransient = try field.bool()
            case 7: self.isNull = try field.bool()
            case 9: self.properties = try field.bytes()
            case 10: self.value = .int(try field.unsigned32())
            case 11: self.value = .long(try field.unsigned())
            case 12: self.value = .float(try field.float())
            case 13: self.value = .double(try field.double())
            case 14: self.value = .boolean(try field.bool())
            case 15: self.value = .string(try field.text())
            case 16: self.value = .bytes(try field.bytes())
            case 17, 18: self.value = .structure
            default: break
            }
        }
    }
}

/// The `value` of a metric or property as it is on the wire; its datatype says what it means.
enum SparkplugValue {
    case int(UInt32)
    case long(UInt64)
    case float(Float)
    case double(Double)
    case boolean(Bool)
    case string(UnsafeRawBufferPointer)
    case bytes(UnsafeRawBufferPointer)
    /// A DataSet, Template or PropertySet, which Wardline does not read.
    case structure
}

/// The DataType enumeration of Sparkplug B (Sparkplug 3.0 §6.4).
enum SparkplugDatatype: UInt32, CaseIterable {
    case int8 = 1
    case int16 = 2
    case int32 = 3
    case int64 = 4
    case uint8 = 5
    case uint16 = 6
    case uint32 = 7
    case uint64 = 8
    case float = 9
    case double = 10
    case boolean = 11
    case string = 12
    case dateTime = 13
    case text = 14
    case uuid = 15
    case dataSet = 16
    case bytes = 17
    case file = 18
    case template = 19
    case propertySet = 20
    case propertySetList = 21
    case int8Array = 22
    case int16Array = 23
    case int32Array = 24
    case int64Array = 25
    case uint8Array = 26
    case uint16Array = 27
    case uint32Array = 28
    case uint64Array = 29
    case floatArray = 30
    case doubleArray = 31
    case booleanArray = 32
    case stringArray = 33
    case dateTimeArray = 34

    /// The name in the specification.
    var name: StaticString {
        switch self {
        case .int8: "Int8"
        case .int16: "Int16"
        case .int32: "Int32"
        case .int64: "Int64"
        case .uint8: "UInt8"
        case .uint16: "UInt16"
        case .uint32: "UInt32"
        case .uint64: "UInt64"
        case .float: "Float"
        case .double: "Double"
        case .boolean: "Boolean"
        case .string: "String"
        case .dateTime: "DateTime"
        case .text: "Text"
        case .uuid: "UUID"
        case .dataSet: "DataSet"
        case .bytes: "Bytes"
        case .file: "File"
        case .template: "Template"
        case .propertySet: "PropertySet"
        case .propertySetList: "PropertySetList"
        case .int8Array: "Int8Array"
        case .int16Array: "Int16Array"
        case .int32Array: "Int32Array"
        case .int64Array: "Int64Array"
        case .uint8Array: "UInt8Array"
        case .uint16Array: "UInt16Array"
        case .uint32Array: "UInt32Array"
        case .uint64Array: "UInt64Array"
        case .floatArray: "FloatArray"
        case .doubleArray: "DoubleArray"
        case .booleanArray: "BooleanArray"
        case .stringArray: "StringArray"
        case .dateTimeArray: "DateTimeArray"
        }
    }

    /// What a whole number of this type, or an element of an array of it, is made of; nil for other types.
    var integer: (bits: Int, isSigned: Bool)? {
        switch self {
        case .int8, .int8Array: (8, true)
        case .int16, .int16Array: (16, true)
        case .int32, .int32Array: (32, true)
        case .int64, .int64Array: (64, true)
        case .uint8, .uint8Array: (8, false)
        case .uint16, .uint16Array: (16, false)
        case .uint32, .uint32Array: (32, false)
        case .uint64, .uint64Array, .dateTime, .dateTimeArray: (64, false)
        default: nil
        }
    }
}
