import Foundation
import Node

/// Asks a person for what a node's draft lacks; an empty answer takes what stands in brackets.
struct NodeInterview {
    func complete(_ draft: inout NodeDraft, _ host: inout String?) {
        while draft.roles.isEmpty, let answer = self.ask("What does this node do? \(NodeInitCommand.roleWords)", nil) {
            guard let role = try? NodeInitCommand.role(answer) else {
                self.say("that is none of them")
                continue
            }
            draft.roles = [role]
        }
        if host == nil {
            host = self.ask("Under which name do others reach this machine?", ProcessInfo.processInfo.hostName)
        }
        draft.stateDirectory = self.ask("Where are keys and state kept?", draft.stateDirectory) ?? draft.stateDirectory
        draft.address = self.ask("At which address does it listen?", draft.address) ?? draft.address
        for role in draft.roles { self.complete(role, &draft) }
        if !draft.hasDashboard, draft.roles.contains(.validator) || draft.isSharing {
            draft.hasDashboard = self.agrees("Serve a dashboard on 127.0.0.1:\(NodeDraft.dashboardPort)?")
        }
    }

    private func complete(_ role: NodeDraft.Role, _ draft: inout NodeDraft) {
        self.askPort(role, &draft)
        switch role {
        case .authority: break
        case .custodian:
            if draft.privacyCenters.isEmpty {
                draft.privacyCenters = self.askList("Privacy centers, https://HOST:7402")
            }
            self.askChain(&draft)
            if !draft.isSharing, draft.genesis != nil, !draft.privacyCenters.isEmpty {
                draft.isSharing = self.agrees("Take requests for data?")
            }
        case .privacyCenter:
            if draft.postgresFile == nil, self.agrees("Keep envelopes in PostgreSQL rather than in SQLite?") {
                draft.postgresFile = self.ask("File with the connection string", "/etc/wardline/postgres.conninfo")
            }
            if !draft.isWithoutChain { self.askChain(&draft) }
            if draft.genesis == nil, !draft.isWithoutChain {
                draft.isWithoutChain = self.agrees("Let grants alone decide, without a chain?")
            }
        case .validator:
            if draft.genesis == nil {
                draft.genesis = self.ask("The chain's genesis file", "/etc/wardline/genesis.wlg")
            }
            while draft.peers.isEmpty {
                let words = self.askList("The other validators, NUMBER,NAME,HOST:PORT", separator: " ")
                if words.isEmpty { break }
                guard let peers = try? words.map(NodeInitCommand.peer) else {
                    self.say(
                        "such as: 2,lab:validator:v2,v2.lab.example:7400 3,north:validator:v3,v3.north.example:7400"
                    )
                    continue
                }
                draft.peers = peers
            }
        case .keyIssuing:
            self.askChain(&draft)
            while draft.issuingParties.isEmpty {
                let words = self.askList("Who issues keys, the KGC first, NAME=URL")
                if words.isEmpty { break }
                guard let parties = try? words.map(NodeInitCommand.issuingParty) else {
                    self.say("such as: clinic:kgc:kgc=https://kgc.example:7408")
                    continue
                }
                draft.issuingParties = parties
            }
        case .attributeAuthority: self.askChain(&draft)
        case .registrationAuthority:
            self.askChain(&draft)
            if draft.pseudonymAuthority == nil {
                draft.pseudonymAuthority = self.ask("The authority of pseudonyms, https://HOST:7412", nil)
            }
        case .pseudonymAuthority:
            self.askChain(&draft)
            if draft.registrationAuthorities.isEmpty {
                draft.registrationAuthorities = self.askList(
                    "Registration authorities, ORG:registration-authority:NAME"
                )
            }
        }
    }

    private func askPort(_ role: NodeDraft.Role, _ draft: inout NodeDraft) {
        guard draft.ports[role.rawValue] == nil else { return }
        while let answer = self.ask("Port of \(role.rawValue)", "\(role.portDefault)") {
            if let port = Int(answer), (1...65_535).contains(port) {
                draft.ports[role.rawValue] = port
                return
            }
            self.say("a number from 1 to 65535")
        }
    }

    private func askChain(_ draft: inout NodeDraft) {
        if draft.genesis == nil {
            let answer = self.ask("The chain's genesis file, none without a chain", "none")
            draft.genesis = answer == "none" ? nil : answer
        }
        if draft.genesis != nil, draft.validators.isEmpty {
            draft.validators = self.askList("Validators, https://HOST:7401, a quorum at least")
        }
    }

    // MARK: Asking

    private func say(_ text: String) { StandardError.write("  \(text)\n") }

    /// - Returns: nil when the input ends, or there is neither an answer nor a proposal.
    private func ask(_ question: String, _ proposed: String?) -> String? {
        StandardError.write("\(question)\(proposed.map { " [\($0)]" } ?? ""): ")
        guard let answer = readLine()?.trimmingCharacters(in: .whitespaces) else { return nil }
        return answer.isEmpty ? proposed : answer
    }

    private func askList(_ question: String, separator: Character = ",") -> [String] {
        let between = separator == "," ? "with commas" : "with spaces"
        let words = (self.ask("\(question), \(between)", nil) ?? "").split(separator: separator)
        return words.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    private func agrees(_ question: String) -> Bool {
        ["y", "yes"].contains(self.ask("\(question) yes or no", "no")?.lowercased() ?? "no")
    }
}
