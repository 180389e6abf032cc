/// What keeps a custodian from doing what it was asked.
package enum CustodianError: Error, Sendable, CustomStringConvertible {
    /// A file of the custodian's directory, and what is wrong with it.
    case file(String, String)
    case label(String)
    /// A scope that somebody else kept is none of this custodian's, and why.
    case scope(String)
    /// An envelope whose epoch key is not among those that its sender handed over; its H1.
    case epochKey(String)
    /// What a privacy center answered, and to what.
    case center(String, String)
    /// Why nothing is granted.
    case grant(String)

    package var description: String {
        switch self {
        case .file(let path, let why): "cannot use \(path): \(why)"
        case .label(let label): "'\(label)' is no scope label: it takes 1 to 128 of the characters a-z A-Z 0-9 . _ -"
        case .scope(let why): "not a scope of this custodian: \(why)"
        case .epochKey(let h1): "the epoch key of the envelope \(h1) was not handed over, or not yet; try again later"
        case .center(let url, let why): "\(url) does not work: \(why)"
        case .grant(let why): "nothing is granted: \(why)"
        }
    }
}
