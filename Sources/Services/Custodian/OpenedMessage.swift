internal import Bundles
internal import CanonicalBytes
internal import Foundation

/// A raw message on a line of its own, for normalizing it again.
struct OpenedMessage: Encodable {
    let receivedNs: Int64
    let retained: Bool
    let profile: String
    let profileVersion: String
    let topic: String
    let payload: Data

    enum CodingKeys: String, CodingKey {
        case retained, profile, topic, payload
        case receivedNs = "received_ns"
        case profileVersion = "profile_version"
    }

    init(_ message: Bundles.Bundle.Message, _ bundle: Bundles.Bundle) {
        self.receivedNs = message.receivedNs
        self.retained = message.flags.contains(.retained)
        self.profile = bundle.profiles[message.profile].id
        self.profileVersion = bundle.profiles[message.profile].version
        self.topic = String(decoding: message.topic, as: UTF8.self)
        self.payload = Data(message.payload)
    }

    var line: ArraySlice<UInt8> {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return [UInt8](try encoder.encode(self))[...]
        }
    }
}

/// A key of index pages on a line of its own.
struct OpenedIndexKey: Encodable {
    let indexKey: String
    let scope: String
    let sender: String

    enum CodingKeys: String, CodingKey {
        case scope, sender
        case indexKey = "index_key"
    }

    init(_ secret: [UInt8], of scope: RegisteredScope, sender: String) {
        self.indexKey = secret.hex
        self.scope = scope.digest.hex
        self.sender = sender
    }

    var line: ArraySlice<UInt8> {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            return [UInt8](try encoder.encode(self))[...]
        }
    }
}

/// Finds an Observation's id without reading the rest of it.
enum ObservationIdentifier {
    private static let mark = Array(#""id":""#.utf8)

    /// - Returns: the id's bytes; empty when there is none.
    static func find(in json: [UInt8]) -> ArraySlice<UInt8> {
        guard let start = json.firstRange(of: self.mark)?.upperBound else { return [] }
        return json[start...].prefix { $0 != UInt8(ascii: "\"") }
    }
}
