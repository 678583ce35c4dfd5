package org.secateur.harness.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.secateur.models.core.graph.ChannelGroup;
import org.secateur.models.core.graph.ChannelGroups;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Surgery;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;
import org.secateur.results.store.JsonDocument;

/** Networks cut to widths as a user names them: a file, or {@code uniform:F}. */
final class Widths {
    private static final String UNIFORM = "uniform:";

    private Widths() {}

    /**
     * The network with the first channels of each named group; 0 removes a residual branch.
     *
     * @param widths a file with a JSON object {group: channels}, or {@code uniform:F} with a fraction of every group
     * @throws SecateurException when the file is no such file, or names what the network does not have
     */
    static Network applied(Network network, String widths) {
        return applied(new StartingPoint(network, Optional.empty()), widths).network();
    }

    /** The same, with what remains of its weights where it has any. */
    static StartingPoint applied(StartingPoint dense, String widths) {
        Network network = dense.network();
        ChannelGroups groups = ChannelGroups.of(network);
        Map<String, int[]> kept = new LinkedHashMap<>();
        if (widths.startsWith(UNIFORM)) {
            double fraction = fraction(widths);
            groups.prunable()
                    .forEach(g -> kept.put(g.id(), first((int) Math.max(1, Math.round(fraction * g.channels())))));
            return shrunk(dense, kept);
        }
        try {
            read(Path.of(widths)).forEach((group, width) -> kept.put(group, first(groups.group(group), width)));
            return shrunk(dense, kept);
        } catch (IllegalArgumentException e) {
            throw new SecateurException(
                    ExitCode.BAD_INPUT,
                    String.valueOf(e.getMessage()),
                    widths,
                    "see the groups with secateur network " + network.name(),
                    e);
        }
    }

    private static StartingPoint shrunk(StartingPoint dense, Map<String, int[]> kept) {
        return dense.weights()
                .map(weights -> Surgery.shrink(dense.network(), weights, kept))
                .map(cut -> new StartingPoint(cut.network(), Optional.of(cut.state())))
                .orElseGet(() -> new StartingPoint(Surgery.shrink(dense.network(), kept), Optional.empty()));
    }

    private static double fraction(String text) {
        double fraction;
        try {
            fraction = Double.parseDouble(text.substring(UNIFORM.length()));
        } catch (NumberFormatException e) {
            fraction = Double.NaN;
        }
        if (!(fraction > 0 && fraction <= 1)) {
            throw new IllegalArgumentException(
                    "widths " + text + ": expected a fraction above 0, up to 1, for example uniform:0.5");
        }
        return fraction;
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
        return first(channels);
    }

    private static int[] first(int channels) {
        return IntStream.range(0, channels).toArray();
    }
}
