import ArgumentParser

/// Where the broker is and how the monitors log in.
struct BrokerOptions: ParsableArguments {
    @Option(help: "The broker's host name or address.")
    var host = "127.0.0.1"

    @Option(help: "The broker's TCP port.")
    var port: Int32 = 1883

    @Option(name: .customLong("protocol"), help: "MQTT version: 5 or 3.1.1.")
    var version: ProtocolVersion = .v5

    @Option(help: ArgumentHelp("Certificates of the broker's authority; turns TLS on.", valueName: "file"))
    var tlsCa: String?

    @Option(help: ArgumentHelp("The monitors' certificate (PEM).", valueName: "file"))
    var tlsCertificate: String?

    @Option(help: ArgumentHelp("The private key of that certificate (PEM).", valueName: "file"))
    var tlsKey: String?

    @Option(help: "User name, if the broker wants one.")
    var username: String?

    @Option(help: ArgumentHelp("File whose first line is the password.", valueName: "file"))
    var passwordFile: String?

    @Option(help: "Start of the monitors' MQTT client identifiers.")
    var clientId = "wardline-sim"

    func validate() throws {
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-certificate and --tls-key belong together")
        }
        guard tlsCertificate == nil || tlsCa != nil else {
            throw ValidationError("--tls-certificate needs --tls-ca")
        }
    }
}

/// The two protocol versions that monitors speak.
enum ProtocolVersion: String, ExpressibleByArgument, CaseIterable {
    case v5 = "5"
    case v311 = "3.1.1"
}
