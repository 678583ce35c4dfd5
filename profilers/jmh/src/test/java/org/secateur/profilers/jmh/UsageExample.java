package org.secateur.profilers.jmh;

import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** The example of the README, between the two marks. */
final class UsageExample {
    private UsageExample() {}

    static Options options() {
        // begin
        Options options = new OptionsBuilder()
                .include("MyBenchmark")
                .addProfiler(EnergyProfiler.class, "source=modelled;watts=65")
                .addProfiler(HostProfiler.class)
                .build();
        // end
        return options;
    }
}
