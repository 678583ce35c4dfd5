package org.secateur.harness.cli;

import org.jspecify.annotations.Nullable;
import org.secateur.models.core.graph.Network;
import picocli.CommandLine.Option;

/** The widths to which a network's channel groups are cut before anything else is done with it. */
final class WidthsOption {
    @Option(
            names = "--widths",
            paramLabel = "FILE|uniform:F",
            description = "The network cut to other widths: a file with a JSON object {group: channels}, where a group"
                    + " that is not named stays as it is and 0 removes a residual branch; or uniform:F, the fraction F"
                    + " of every group that may shrink, at least one channel.")
    @Nullable
    String widths;

    /** The network with the first channels of each named group, or unchanged without the option. */
    Network applied(Network network) {
        return widths == null ? network : Widths.applied(network, widths);
    }

    /** The same, with what remains of its weights where it has any. */
    StartingPoint applied(StartingPoint dense) {
        return widths == null ? dense : Widths.applied(dense, widths);
    }
}
