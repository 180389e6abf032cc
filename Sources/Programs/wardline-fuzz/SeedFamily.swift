/// The kinds of input; every target draws its seeds from one of them.
enum SeedFamily: Int, CaseIterable {
    case json, jsonLines, cbor, senmlJSON, senmlCBOR, delimited, scalar, lineProtocol, hl7, gatt, sparkplug
    case hex, base64, compressed
    case topic, path, expression, textTemplate, topicTemplate, unit, time, timePattern, decimal, gattName, yaml
    case sealed, policy, consensus, ledger, contracts, frames, store
    case validator, certificates, issuing, proofs, pathProofs, interchain, crossChain
    case mllpStreams, movements, accounts
    case questions, shares, pseudonyms, accountAnswers, heads, subjects
    case keyFiles, credentials, tokens, cards, names
    case consents, documents, templates, nodeFiles, agentFiles, accountFiles, ruleFiles, readMes
}

/// All seeds: the built-in ones and files of a checkout.
struct Corpus: Sendable {
    private var seeds: [[[UInt8]]]

    /// How many seeds there are.
    var count: Int { self.seeds.reduce(0) { $0 + $1.count } }

    /// The built-in seeds.
    init() {
        self.seeds = SeedFamily.allCases.map { TextSeeds.all($0) + BinarySeeds.all($0) }
    }

    /// Whether a file whose content is the same is already there is of no matter: it is only drawn more often.
    mutating func add(_ bytes: [UInt8], to family: SeedFamily) { self.seeds[family.rawValue].append(bytes) }

    func seeds(_ family: SeedFamily) -> [[UInt8]] { self.seeds[family.rawValue] }

    /// Draws a seed, rarely one of another family.
    func pick(_ family: SeedFamily, _ random: inout Randomness) -> [UInt8] {
        let drawn = random.once(in: 32) ? SeedFamily.allCases[random.below(SeedFamily.allCases.count)] : family
        return random.pick(self.seeds[drawn.rawValue])
    }
}
