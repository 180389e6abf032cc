extension CircuitBuilder {
    /// A variable for the product: one constraint.
    package mutating func product(_ a: LinearCombination, _ b: LinearCombination) -> LinearCombination {
        let c = self.allocate(.product(a, b))
        self.enforce(a, times: b, equals: c)
        return c
    }

    /// Adds `(a − b)·1 = 0`.
    package mutating func enforceEqual(_ a: LinearCombination, _ b: LinearCombination) {
        self.enforce(a - b, times: .one, equals: .zero)
    }

    /// Adds `b·(b − 1) = 0`: the value is 0 or 1.
    package mutating func enforceBoolean(_ b: LinearCombination) {
        self.enforce(b, times: b - .one, equals: .zero)
    }

    /// A variable that is 0 or 1: one constraint.
    package mutating func boolean(_ rule: WitnessRule) -> LinearCombination {
        let b = self.allocate(rule)
        self.enforceBoolean(b)
        return b
    }

    /// `isSecond ? second : first` for a boolean: one constraint.
    package mutating func select(
        _ isSecond: LinearCombination,
        _ first: LinearCombination,
        _ second: LinearCombination
    ) -> LinearCombination {
        first + self.product(isSecond, second - first)
    }
}
