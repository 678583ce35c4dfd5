package org.secateur.profilers.core.nvml;

import java.util.Optional;
import java.util.function.Function;

/** What a function of NVML answered: a value, or why there is none. Boards differ in what they offer. */
public sealed interface Answer<T> {
    /** A value. */
    record Value<T>(T value) implements Answer<T> {}

    /** No value: the function's name and what it returned. */
    record Failure<T>(String function, NvmlReturn code) implements Answer<T> {
        /** In one sentence. */
        public String reason() {
            return function + " answers " + code.text();
        }
    }

    /** The value where there is one. */
    default Optional<T> known() {
        return switch (this) {
            case Value<T> some -> Optional.of(some.value());
            case Failure<T> none -> Optional.empty();
        };
    }

    /** The same with its value changed. */
    default <R> Answer<R> map(Function<? super T, ? extends R> change) {
        return switch (this) {
            case Value<T> some -> new Value<R>(change.apply(some.value()));
            case Failure<T> none -> new Failure<R>(none.function(), none.code());
        };
    }
}
