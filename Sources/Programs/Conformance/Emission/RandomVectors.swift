/// Random cases with this implementation's own output, which another implementation must reproduce.
package enum RandomVectors {
    /// Plays every protocol of the built schemes a number of times.
    ///
    /// - Parameters:
    ///   - rounds: how often; each round has every operation at least once, and damaged inputs.
    ///   - prefix: only cases of operations whose names begin with this are returned.
    /// - Returns: cases in the order of play.
    /// - Throws: ``MalformedInput`` when an operation refuses what an honest party made.
    package static func cases(_ rounds: Int, only prefix: String = "") throws -> [VectorCase] {
        var writer = CaseWriter(table: .standard)
        for round in 0..<rounds {
            writer.startRound(round)
            try RandomPrimitives.play(&writer)
            try RandomPolicies.play(&writer)
            try RandomPolicyProofs.play(&writer)
            let consortium = try RandomConsortium(&writer)
            try RandomEnvelope(&writer, consortium).reencrypt(&writer)
        }
        return writer.cases.filter { $0.operation.utf8.starts(with: prefix.utf8) }
    }
}
