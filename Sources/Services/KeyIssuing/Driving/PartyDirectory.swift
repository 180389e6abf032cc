internal import CanonicalBytes
internal import Certificates
package import IdentityEncryption
package import Uplink

/// Why something that all parties take part in does not go on, and with whom.
package struct DrivingFailure: Error, Sendable, CustomStringConvertible {
    package let description: String
    /// Stable code of the refusal, when a party refused.
    package let code: String?

    init(_ description: String, code: String? = nil) {
        self.description = description
        self.code = code
    }

    /// A failure that a party is charged with, by name.
    init(_ failure: PartyFailure, in plan: IssuingPlan, what: String) {
        self.code = failure.failure.code.rawValue
        guard let place = failure.party, plan.parties.indices.contains(place) else {
            self.description = "\(what): \(failure.failure)"
            return
        }
        self.description = "\(what): party \(place) (\(plan.parties[place].name)) is at fault: \(failure.failure)"
    }
}

/// The parties of a plan as somebody else reaches them.
package struct PartyDirectory: Sendable {
    package let plan: IssuingPlan
    private let clients: [IssuingPartyClient]

    /// - Parameters:
    ///   - plan: names the parties and where they are.
    ///   - client: presents the identity of whoever asks.
    /// - Throws: for an address that is none.
    package init(_ plan: IssuingPlan, client: SecureClient) throws {
        self.plan = plan
        self.clients = try plan.parties.map { party in
            guard let url = ServiceURL(party.url) else {
                throw DrivingFailure("'\(party.url)' is no address such as https://kgc.example:7408")
            }
            return IssuingPartyClient(base: url, epoch: plan.epoch, client: client)
        }
    }

    /// Asks one party; a failure says which.
    func ask<Answer: Sendable>(
        _ place: Int,
        _ question: (IssuingPartyClient) async throws -> Answer
    ) async throws -> Answer {
        let outcome: Result<Answer, any Error>
        do { outcome = .success(try await question(self.clients[place])) } catch { outcome = .failure(error) }
        switch outcome {
        case .success(let answer): return answer
        case .failure(let failure):
            let party = self.plan.parties[place]
            var refusal: String?
            if case UplinkFailure.refused(_, let code, _, _) = failure { refusal = code }
            throw DrivingFailure("party \(place) (\(party.name)) at \(party.url): \(failure)", code: refusal)
        }
    }

    /// Where each party stands; nil for those that do not answer.
    package func status() async -> [Result<IssuingPartyClient.SetStatus, DrivingFailure>] {
        var all: [Result<IssuingPartyClient.SetStatus, DrivingFailure>] = []
        for place in self.clients.indices {
            do { all.append(.success(try await self.ask(place) { try await $0.status() })) } catch {
                all.append(.failure(error as? DrivingFailure ?? DrivingFailure("\(error)")))
            }
        }
        return all
    }
}
