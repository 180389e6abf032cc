internal import ChainReading
internal import StrictYAML

extension YAMLField {
    /// `chain: {genesis, validators}`: which chain a role believes and whom it asks.
    func chainEndpoints() throws(YAMLProblem) -> ChainEndpoints {
        let map = try self.mapping(["genesis", "validators"])
        var validators: [String] = []
        for element in try map.required("validators").elements() { validators.append(try element.secureURL()) }
        return ChainEndpoints(genesisFile: try map.required("genesis").word(), validators: validators)
    }

    /// As ``chainEndpoints()``, or nil for `none`.
    func chainEndpointsOrNone() throws(YAMLProblem) -> ChainEndpoints? {
        if let text = try? self.text(), text == "none" { return nil }
        return try self.chainEndpoints()
    }
}
