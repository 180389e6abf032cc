import ArgumentParser
import Credentials
import Custodian
import Foundation

/// Where the custodian's keys are, for commands on its host.
struct CustodianOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The custodian's identity, as `wardline enroll` made it.", valueName: "directory"))
    var identity: String

    @Option(help: ArgumentHelp("The custodian's directory with owner secret and scopes.", valueName: "directory"))
    var directory: String

    func custodian() throws -> Custodian {
        try Custodian(directory: self.directory, identity: Identity.load(directory: self.identity))
    }
}

/// Which scopes a command is about.
struct ScopeSelection: ParsableArguments {
    @Option(help: "Only scopes of this label.")
    var label: String?

    @Option(help: "Only scopes of this epoch (weeks since 1970).")
    var epoch: UInt64?

    func matches(_ scope: RegisteredScope) -> Bool {
        (self.label.map { $0.utf8.elementsEqual(scope.label.utf8) } ?? true)
            && (self.epoch.map { $0 == scope.epoch } ?? true)
    }
}
