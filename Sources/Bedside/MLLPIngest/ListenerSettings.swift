/// One MLLP listener, checked by the configuration that it comes from.
package struct ListenerSettings: Sendable {
    /// Mutual TLS: nobody without a certificate of the institution is listened to.
    package struct TLS: Sendable {
        /// PEM, with the chain up to the authority.
        package let certificateFile: String
        /// PEM.
        package let keyFile: String
        /// PEM: the authorities whose certificates clients may show.
        package let clientCAFile: String

        package init(certificateFile: String, keyFile: String, clientCAFile: String) {
            self.certificateFile = certificateFile
            self.keyFile = keyFile
            self.clientCAFile = clientCAFile
        }
    }

    /// Bounds of one listener.
    package struct Limits: Sendable {
        package var connectionsMax = 64
        /// Bytes of one message.
        package var frameBytesMax = 1 << 20
        /// Seconds without a byte after which a connection is closed.
        package var idleSeconds = 3_600
        /// Seconds within which a frame that has begun must end.
        package var frameSeconds = 60
        /// Messages of one connection that wait for their commit; further ones are not read.
        package var unansweredMax = 64

        package init() {}
    }

    /// In metrics, in logs and in the topic of movements.
    package let name: String
    /// Address to bind.
    package let host: String
    /// 0 takes a free one.
    package let port: Int
    /// nil for plain text.
    package let tls: TLS?
    /// Under which observations are stored: the profile that reads them is the one of this topic.
    package let topic: String
    package let admission: Admission
    package let limits: Limits

    package init(
        name: String,
        host: String,
        port: Int,
        tls: TLS?,
        topic: String,
        admission: Admission,
        limits: Limits = Limits()
    ) {
        self.name = name
        self.host = host
        self.port = port
        self.tls = tls
        self.topic = topic
        self.admission = admission
        self.limits = limits
    }
}

/// How messages that came by MLLP are known in the inbox.
package enum MLLPOrigin {
    /// Stands in place of a broker's index, of which there are at most 255.
    package static let broker = UInt8.max

    /// The topic under which a listener stores ADT messages; nobody can publish there, since only messages of
    /// ``broker`` count.
    package static func movementTopic(_ listener: String) -> String { "\(Self.movementTopics)\(listener)" }

    /// What all topics of movements begin with.
    package static let movementTopics = "wardline/adt/"
}
