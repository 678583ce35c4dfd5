package org.secateur.harness.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.graph.Network;

/** The commands that train, for a network and data of one's own. */
public final class Secateur {
    private static final List<String> COMMANDS = List.of("run", "prune", "train");
    private static final List<String> DECIDED = List.of("--network", "--data", "--input", "--classes");

    private Secateur() {}

    /**
     * Carries out a command as the command line does: it prints on the standard streams and leaves its files below
     * {@code runs}.
     *
     * @param arguments {@code run}, {@code prune} or {@code train}, and its options without those that name network and
     *     data
     * @return the exit code; 0 is done
     * @throws IllegalArgumentException for another command, and for options that name network or data
     */
    public static int run(Network network, Dataset data, String... arguments) {
        if (arguments.length == 0 || !COMMANDS.contains(arguments[0])) {
            throw new IllegalArgumentException(
                    "arguments " + Arrays.toString(arguments) + ": expected a command first, one of " + COMMANDS);
        }
        for (String argument : arguments) {
            if (DECIDED.contains(argument.replaceFirst("=.*", ""))) {
                throw new IllegalArgumentException(
                        "argument " + argument + ": network and data are given already; leave out " + DECIDED);
            }
        }
        return Main.run(Optional.of(new Own(network, data)), arguments);
    }
}
