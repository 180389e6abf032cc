import CMosquitto

/// libmosquitto refused something; what it was, in words.
struct MQTTFailure: Error, CustomStringConvertible {
    let description: String

    init(_ action: String, code: Int32) {
        description = "\(action): \(String(cString: mosquitto_strerror(code)))"
    }

    /// Throws unless `code` is success.
    static func check(_ action: String, _ code: Int32) throws {
        guard code == MOSQ_ERR_SUCCESS.rawValue else { throw MQTTFailure(action, code: code) }
    }
}
