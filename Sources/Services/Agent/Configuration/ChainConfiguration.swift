internal import StrictYAML
package import Uplink

extension AgentConfiguration {
    /// Where delivered envelopes are anchored.
    package struct Chain: Sendable {
        /// The chain's genesis, from a trusted source.
        package let genesisFile: String
        /// The validators' interfaces.
        package let validators: [ServiceURL]
        package let limits: AnchorLimits
    }

    static func chain(_ field: YAMLField) throws(YAMLProblem) -> Chain {
        let map = try field.mapping(["genesis", "validators", "window_seconds", "window_envelopes"])
        let validators = try map.required("validators")
        var urls: [ServiceURL] = []
        for element in try validators.elements() {
            guard let url = ServiceURL(try element.word()) else {
                throw element.problem("must be https://host or https://host:port")
            }
            guard !urls.contains(url) else { throw element.problem("the validator is there already") }
            urls.append(url)
        }
        guard (1...128).contains(urls.count) else { throw validators.problem("needs 1 to 128 validators") }
        return Chain(
            genesisFile: try map.required("genesis").word(),
            validators: urls,
            limits: AnchorLimits(
                ageMillisecondsMax: 1_000 * Int64(try map["window_seconds"]?.integer(in: 1...3_600) ?? 10),
                envelopesMax: try map["window_envelopes"]?.integer(in: 1...1_024) ?? 256
            )
        )
    }
}
