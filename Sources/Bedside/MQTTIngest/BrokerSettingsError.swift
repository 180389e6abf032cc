/// Why broker settings are refused; each description is a sentence for the person who wrote them.
package enum BrokerSettingsError: Error, Equatable, Sendable, CustomStringConvertible {
    case emptyHost
    case malformedClientID(String)
    case malformedAgentID(String)
    case outOfRange(field: String, value: Int, allowed: ClosedRange<Int>)
    case malformedFilter(String, reason: String)
    case duplicateFilter(String)
    case exactlyOnceRefused(filter: String)
    case lossNotAllowed(filter: String)
    case qosOutOfRange(filter: String, qos: Int)
    case backoffReversed(minimumMilliseconds: Int, maximumMilliseconds: Int)
    case missingCAFile
    case incompleteClientCertificate
    case malformedUsername
    case passwordWithoutUsername
    case unreadableFile(path: String, reason: String)
    case exposedPasswordFile(path: String, mode: UInt32)
    case malformedPassword(path: String, reason: String)

    package var description: String {
        switch self {
        case .emptyHost:
            "the broker's host is empty or contains a NUL character"
        case .malformedClientID(let identifier):
            "client id \"\(identifier)\": it must be 1 to 65,535 bytes without NUL, and stay the same for ever, "
                + "because the broker keeps the session's messages under it"
        case .malformedAgentID(let identifier):
            "agent id \"\(identifier)\": use 1 to 64 letters, digits, dots, hyphens and underscores; "
                + "it becomes a level of the status topic"
        case .outOfRange(let field, let value, let allowed):
            "\(field) is \(value); allowed are \(allowed.lowerBound) to \(allowed.upperBound)"
        case .malformedFilter(let filter, let reason):
            "topic filter \"\(filter)\": \(reason)"
        case .duplicateFilter(let filter):
            "topic filter \"\(filter)\" is listed twice"
        case .exactlyOnceRefused(let filter):
            "topic filter \"\(filter)\": qos 2 is refused, because the client library holds a QoS 2 message in "
                + "memory between PUBREC and PUBREL, where a crash loses it; use qos 1 (the broker lowers QoS 2 "
                + "publishers to it) and repeated messages are recognised and stored once"
        case .lossNotAllowed(let filter):
            "topic filter \"\(filter)\": qos 0 loses messages whenever the connection breaks; use qos 1, "
                + "or accept the loss with allow_loss: true"
        case .qosOutOfRange(let filter, let qos):
            "topic filter \"\(filter)\": there is no qos \(qos); use 1, or 0 with allow_loss: true"
        case .backoffReversed(let minimum, let maximum):
            "the reconnect delay begins at \(minimum) ms, above its maximum of \(maximum) ms"
        case .missingCAFile:
            "TLS needs a file with the certificate authority that signed the broker's certificate"
        case .incompleteClientCertificate:
            "a client certificate and its private key are given together or not at all"
        case .malformedUsername:
            "the user name must be 1 to 65,535 bytes without NUL"
        case .passwordWithoutUsername:
            "a password file is given, but no user name"
        case .unreadableFile(let path, let reason):
            "\(path) cannot be read: \(reason)"
        case .exposedPasswordFile(let path, let mode):
            "\(path) has mode 0\(String(mode, radix: 8)); others can read the password in it: chmod 600 \(path)"
        case .malformedPassword(let path, let reason):
            "\(path) holds no usable password: \(reason)"
        }
    }
}
