package org.secateur.harness.cli.bundle;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Writes a tar archive in the ustar format (IEEE Std 1003.1-2017, pax, "ustar Interchange Format"): directories, files
 * and symbolic links, all of user and group 0 and of one time of modification. Closing it ends the archive and closes
 * the stream below.
 */
final class TarWriter implements Closeable {
    private static final int BLOCK = 512;
    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_PREFIX = 155;
    /** Eleven octal digits. */
    private static final long LARGEST = 1L << 33;

    private static final int CHECKSUM = 148;

    private final OutputStream out;
    private final long modifiedSeconds;

    /**
     * An empty archive.
     *
     * @param modifiedSeconds of every entry, since 1970-01-01T00:00:00Z
     */
    TarWriter(OutputStream out, long modifiedSeconds) {
        this.out = out;
        this.modifiedSeconds = modifiedSeconds;
    }

    /** Adds a directory, which everyone may read. */
    void directory(String name) throws IOException {
        header(name + "/", true, 0, '5', "");
    }

    /** Adds a file, which everyone may read and, if so, run. */
    void file(String name, boolean executable, byte[] content) throws IOException {
        header(name, executable, content.length, '0', "");
        out.write(content);
        pad(content.length);
    }

    /** Adds a copy of a file, executable if it is. */
    void file(String name, Path content) throws IOException {
        long size = Files.size(content);
        header(name, Files.isExecutable(content), size, '0', "");
        if (Files.copy(content, out) != size) {
            throw new IOException(content + " changed while it was read");
        }
        pad(size);
    }

    /** Adds a symbolic link. */
    void link(String name, String target) throws IOException {
        header(name, true, 0, '2', target);
    }

    /** Hands everything on to the stream below, which is flushed. */
    void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        try (out) {
            out.write(new byte[2 * BLOCK]);
        }
    }

    private void header(String name, boolean executable, long size, char type, String target) throws IOException {
        if (size >= LARGEST) {
            throw new IllegalArgumentException(name + ": " + size + " bytes, expected below " + LARGEST);
        }
        if (target.length() > LONGEST_NAME) {
            throw new IllegalArgumentException(
                    name + ": links to " + target + ", expected at most " + LONGEST_NAME + " characters");
        }
        int slash = prefixEnd(name);
        byte[] block = new byte[BLOCK];
        put(block, 0, name.substring(slash + 1));
        put(block, 100, executable ? "0000755" : "0000644");
        put(block, 108, "0000000");
        put(block, 116, "0000000");
        put(block, 124, octal(11, size));
        put(block, 136, octal(11, modifiedSeconds));
        put(block, CHECKSUM, " ".repeat(8));
        put(block, 156, String.valueOf(type));
        put(block, 157, target);
        put(block, 257, "ustar");
        put(block, 263, "00");
        put(block, 345, name.substring(0, Math.max(slash, 0)));
        int sum = 0;
        for (byte each : block) {
            sum += Byte.toUnsignedInt(each);
        }
        put(block, CHECKSUM, octal(6, sum) + "\0");
        out.write(block);
    }

    /** Where a long name is parted: the place of a slash that itself is left out; -1 where the name fits as it is. */
    private static int prefixEnd(String name) {
        if (name.length() <= LONGEST_NAME) {
            return -1;
        }
        int slash = name.indexOf('/', name.length() - LONGEST_NAME - 1);
        if (slash < 1 || slash > LONGEST_PREFIX || slash == name.length() - 1) {
            throw new IllegalArgumentException(name + ": too long for an archive of this format");
        }
        return slash;
    }

    private static String octal(int digits, long number) {
        return String.format(Locale.ROOT, "%0" + digits + "o", number);
    }

    private static void put(byte[] block, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length != text.length()) {
            throw new IllegalArgumentException(text + ": expected ASCII characters only");
        }
        System.arraycopy(bytes, 0, block, at, bytes.length);
    }

    private void pad(long size) throws IOException {
        out.write(new byte[Math.floorMod(-size, BLOCK)]);
    }
}
