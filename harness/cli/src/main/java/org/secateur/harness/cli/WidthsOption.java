package org.secateur.harness.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.secateur.models.core.graph.ChannelGroup;
import org.secateur.models.core.graph.ChannelGroups;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Surgery;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;
import org.secateur.results.store.JsonDocument;
import picocli.CommandLine.Option;

/** The widths to which a network's channel groups are cut before anything else is done with it. */
final class WidthsOption {
    @Option(
            names = "--widths",
            paramLabel = "FILE",
            description = "JSON object {group: channels}: the network cut to these widths. A group that is not named"
                    + " stays as it is; 0 removes a residual branch.")
    @Nullable
    Path widths;

    /** The network with the first channels of each named group, or unchanged without the option. */
    Network applied(Network network) {
        if (widths == null) {
            return network;
        }
        Map<String, int[]> kept = new LinkedHashMap<>();
        try {
            ChannelGroups groups = ChannelGroups.of(network);
            read(widths).forEach((group, width) -> kept.put(group, first(groups.group(group), width)));
            return Surgery.shrink(network, kept);
        } catch (IllegalArgumentException e) {
            throw new SecateurException(
                    ExitCode.BAD_INPUT,
                    String.valueOf(e.getMessage()),
                    widths.toString(),
                    "see the groups with secateur network " + network.name(),
                    e);
        }
    }

    private static Map<String, Object> read(Path file) {
        try {
            return JsonDocument.read(Files.readString(file), file.toString());
        } catch (NoSuchFileException e) {
            throw new SecateurException(
                    ExitCode.BAD_INPUT, "the file does not exist", file.toString(), "name a file of widths", e);
        } catch (IOException e) {
            throw new SecateurException(
                    ExitCode.BAD_INPUT, "the file cannot be read: " + e, file.toString(), "name a file of widths", e);
        }
    }

    private static int[] first(ChannelGroup group, Object width) {
        if (!(width instanceof Integer channels) || channels < 0 || channels > group.channels()) {
            throw new IllegalArgumentException(
                    "group " + group.id() + " with width " + width + ": expected 0.." + group.channels());
        }
        return IntStream.range(0, channels).toArray();
    }
}
