internal import Synchronization

/// An identity that follows rotations: asked again, it reads the directory anew when `current` points elsewhere.
///
/// A generation that cannot be read leaves the one before in use: it stays valid for the overlap of the certificates.
package final class IdentityWatch: Sendable {
    private let state: Mutex<State>

    package init(_ identity: Identity) {
        self.state = Mutex(State(identity: identity, seen: identity.generation))
    }

    /// The newest generation that can be read; costs one `readlink` when nothing changed.
    package var current: Identity {
        self.state.withLock { state in
            let generation = IdentityFiles.currentGeneration(of: state.identity.directory)
            guard let generation, generation != state.seen else { return state.identity }
            state.seen = generation
            if let identity = try? Identity.load(directory: state.identity.directory) { state.identity = identity }
            return state.identity
        }
    }

    private struct State {
        var identity: Identity
        /// What `current` pointed to when it was last looked at; a broken generation is tried once.
        var seen: Int
    }
}
