package org.secateur.harness.cli.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * An archive (tar, gzip) with everything that the program needs on a machine without Java: in the directory
 * {@value #DIRECTORY} the launcher {@code secateur}, the {@code runtime} and the jars in {@code lib}.
 *
 * @param parts what it consists of, in their order
 */
public record Bundle(List<Part> parts) {
    /** The one directory that it unpacks to. */
    public static final String DIRECTORY = "secateur-bundle";

    private static final int BUFFER_BYTES = 1 << 16;

    public Bundle {
        parts = List.copyOf(parts);
    }

    /**
     * A part of a bundle.
     *
     * @param name {@code runtime}, which includes the launcher, or the file name of a jar
     * @param bytes of its files
     * @param packedBytes what it adds to the archive
     */
    public record Part(String name, long bytes, long packedBytes) {}

    /**
     * Writes a bundle.
     *
     * @param archive the file to write, which must not exist
     * @param runtime the directory of a Java runtime
     * @param jars the application's class path; they lose what no bundle needs
     * @param commit what the program is to say that it was built from
     * @param modifiedSeconds the time of every file in it, since 1970-01-01T00:00:00Z
     */
    public static Bundle write(Path archive, Path runtime, List<Path> jars, String commit, long modifiedSeconds)
            throws IOException {
        try (FileChannel file = FileChannel.open(archive, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                TarWriter tar = new TarWriter(
                        new GZIPOutputStream(Channels.newOutputStream(file), BUFFER_BYTES, true), modifiedSeconds)) {
            Packing packing = new Packing(file, tar);
            byte[] launcher = launcher(commit);
            tar.directory(DIRECTORY);
            tar.file(DIRECTORY + "/secateur", true, launcher);
            packing.end("runtime", launcher.length + tree(tar, DIRECTORY + "/runtime", runtime));
            tar.directory(DIRECTORY + "/lib");
            for (Path jar : jars) {
                byte[] content = ApplicationJars.packed(jar);
                String name = Objects.requireNonNull(jar.getFileName()).toString();
                tar.file(DIRECTORY + "/lib/" + name, false, content);
                packing.end(name, content.length);
            }
            return new Bundle(packing.parts);
        }
    }

    /** The shell script that starts the unpacked program. */
    static byte[] launcher(String commit) throws IOException {
        if (!commit.matches("[0-9A-Za-z._-]*")) {
            throw new IllegalArgumentException("commit " + commit + ": expected letters, digits, dots and dashes");
        }
        try (InputStream script = Objects.requireNonNull(Bundle.class.getResourceAsStream("launcher.sh"))) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("@COMMIT@", commit)
                    .getBytes(StandardCharsets.UTF_8);
        }
    }

    /** Adds a directory with all that is in it; the bytes of its files. */
    private static long tree(TarWriter tar, String name, Path directory) throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(directory)) {
            all = walk.sorted().toList();
        }
        long bytes = 0;
        for (Path each : all) {
            String inside = each.equals(directory) ? name : name + "/" + directory.relativize(each);
            if (Files.isSymbolicLink(each)) {
                tar.link(inside, Files.readSymbolicLink(each).toString());
            } else if (Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS)) {
                tar.directory(inside);
            } else {
                tar.file(inside, each);
                bytes += Files.size(each);
            }
        }
        return bytes;
    }

    /** Counts what each part adds to the file. */
    private static final class Packing {
        private final FileChannel file;
        private final TarWriter tar;
        private final List<Part> parts = new ArrayList<>();
        private long before;

        Packing(FileChannel file, TarWriter tar) {
            this.file = file;
            this.tar = tar;
        }

        void end(String name, long bytes) throws IOException {
            tar.flush();
            long now = file.position();
            parts.add(new Part(name, bytes, now - before));
            before = now;
        }
    }
}
