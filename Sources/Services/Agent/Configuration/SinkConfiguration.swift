internal import StrictYAML

extension AgentConfiguration {
    /// Where finished Observations go.
    package struct Sink: Sendable {
        package enum Destination: Sendable {
            /// A regular file or a named pipe.
            case ndjson(path: String)
            case fhir(FHIRServer)
        }

        package let name: String
        package let destination: Destination
    }

    /// A FHIR R4 server.
    package struct FHIRServer: Sendable {
        /// Its base, without a slash at the end.
        package let url: String
        /// PEM file with the authorities that the server's certificate must come from; nil for those of the system.
        package let caFile: String?
        /// PEM files of a client certificate; both or neither.
        package let certificateFile: String?
        package let keyFile: String?
        /// A bearer token, read for every request.
        package let tokenFile: String?
        /// Whether all Observations of a request are taken or none.
        package let isTransaction: Bool
        /// Whether blocks of waveforms go there too.
        package let takesWaveforms: Bool
        /// Observations of a request.
        package let entriesMax: Int
        /// Until an answer must be there.
        package let requestSeconds: Int
        /// Where Observations are kept that the server will never take; nil: the sink waits at the first of them.
        package let refusedFile: String?
    }

    static func sinks(_ field: YAMLField?, _ paths: CredentialPaths) throws(YAMLProblem) -> [Sink] {
        var sinks: [Sink] = []
        for element in try field?.elements() ?? [] {
            let name = try element.mapping(Self.fhirKeys + ["path"]).required("name")
            guard try !sinks.map(\.name).contains(name.word()) else { throw name.problem("the name is taken") }
            sinks.append(Sink(name: try name.word(), destination: try self.destination(element, paths)))
        }
        return sinks
    }

    private static let fhirKeys = [
        "type", "name", "url", "tls", "token_file", "mode", "waveforms", "entries_max", "request_seconds",
        "refused_file",
    ]

    private static func destination(
        _ field: YAMLField,
        _ paths: CredentialPaths
    ) throws(YAMLProblem) -> Sink.Destination {
        let type = try field.mapping(Self.fhirKeys + ["path"]).required("type")
        switch try type.text() {
        case "ndjson":
            let map = try field.mapping(["type", "name", "path"])
            return .ndjson(path: try map.required("path").word())
        case "fhir":
            let map = try field.mapping(Self.fhirKeys)
            let tls = try map["tls"]?.mapping(["ca_file", "certificate_file", "key_file"])
            let certificate = try tls?["certificate_file"].map { field throws(YAMLProblem) in try paths.path(field) }
            let key = try tls?["key_file"].map { field throws(YAMLProblem) in try paths.path(field) }
            guard (certificate == nil) == (key == nil) else {
                throw field.problem("tls.certificate_file and tls.key_file go together")
            }
            let server = FHIRServer(
                url: try Self.base(map.required("url")),
                caFile: try tls?["ca_file"].map { field throws(YAMLProblem) in try paths.path(field) },
                certificateFile: certificate,
                keyFile: key,
                tokenFile: try map["token_file"].map { field throws(YAMLProblem) in try paths.path(field) },
                isTransaction: try map["mode"]?.choice(FHIRSubmission.Mode.self) == .transaction,
                takesWaveforms: try map["waveforms"]?.bool() ?? true,
                entriesMax: try map["entries_max"]?.integer(in: 1...1_000) ?? 100,
                requestSeconds: try map["request_seconds"]?.integer(in: 1...45) ?? 30,
                refusedFile: try map["refused_file"]?.word()
            )
            return .fhir(server)
        default: throw type.problem("must be ndjson or fhir")
        }
    }

    /// `https://host[:port][/path]`; without TLS on this machine only.
    private static func base(_ field: YAMLField) throws(YAMLProblem) -> String {
        let text = try field.word()
        let url = text.hasSuffix("/") ? String(text.dropLast()) : text
        let isSecure = url.hasPrefix("https://")
        let rest = url.dropFirst(isSecure ? 8 : 7)
        let host = rest.first == "[" ? rest.prefix { $0 != "]" } : rest.prefix { $0 != "/" && $0 != ":" }
        guard isSecure || url.hasPrefix("http://"), !host.isEmpty, !rest.contains("?"), !rest.contains("#"),
            !rest.contains("@"), url.utf8.allSatisfy({ $0 > 32 && $0 < 127 })
        else { throw field.problem("must be https://host, with a port and a path where needed") }
        guard isSecure || ["127.0.0.1", "localhost", "[::1"].contains(host) else {
            throw field.problem("needs https: patients' data leave this machine")
        }
        return url
    }
}
