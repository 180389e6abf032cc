import Agent
import ArgumentParser
import Foundation
import Spool

struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Show beds, their last values with trends, rates, spool and dead letters.",
        discussion: """
            Reads the agent's state directory, whether the agent runs or not, and changes nothing. A bed is known by an \
            association; a device without one stands in parentheses. Patients are not named. On a terminal the screen is \
            refreshed until Ctrl-C; elsewhere, and with --once, one screen is printed.
            """
    )

    @OptionGroup var file: ConfigurationFile

    @Flag(help: "Print one screen and end.")
    var once = false

    @Option(help: "Seconds between two screens, 1 to 3600.")
    var interval = 2

    @Option(help: "Lines of the screen; the terminal's by default, else 24.")
    var lines: Int?

    func validate() throws {
        guard (1...3_600).contains(self.interval) else { throw ValidationError("--interval is 1 to 3600 seconds") }
        if let lines, !(8...1_000).contains(lines) { throw ValidationError("--lines is 8 to 1000") }
    }

    func run() throws {
        try reportingFailure {
            let configuration = try self.file.load()
            let store = try AgentStore(configuration: configuration)
            var screen = TopScreen(agent: configuration.agentID, stateDirectory: configuration.stateDirectory)
            let repeats = !self.once && isatty(1) == 1
            try screen.look(store, patients: configuration.patientBook(store.spool), at: systemMilliseconds())
            // Rates need two looks.
            Thread.sleep(forTimeInterval: 1)
            repeat {
                try screen.look(store, patients: configuration.patientBook(store.spool), at: systemMilliseconds())
                let text = screen.text(lines: self.height, at: systemMilliseconds())
                try StandardOutput.write(repeats ? "\u{1B}[H\u{1B}[J\(text)" : text)
                if repeats { Thread.sleep(forTimeInterval: Double(self.interval)) }
            } while repeats
        }
    }

    private var height: Int {
        if let lines { return lines }
        var size = winsize()
        guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_row >= 8 else { return 24 }
        return Int(size.ws_row)
    }
}
