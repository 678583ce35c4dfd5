package org.secateur.models.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** Reads the values that an ONNX file keeps in files beside it, never outside its directory. */
final class ExternalFiles {
    private final Path directory;
    private long left;

    /**
     * The files of a directory.
     *
     * @param most how many bytes may be read in all
     */
    ExternalFiles(Path directory, long most) {
        this.directory = directory.toAbsolutePath().normalize();
        left = most;
    }

    /**
     * The bytes of one tensor.
     *
     * @param entries {@code location}, a path relative to the directory, and perhaps {@code offset} and {@code length}
     * @throws IllegalArgumentException when they are not there, or somewhere else
     */
    byte[] read(Map<String, String> entries) {
        String location = entries.getOrDefault("location", "");
        Path file = directory.resolve(location).normalize();
        if (location.isBlank() || Path.of(location).isAbsolute() || !file.startsWith(directory)) {
            throw refused(location, "it is outside the directory of the ONNX file");
        }
        try {
            if (!Files.isRegularFile(file)) {
                throw refused(location, "there is no such file beside the ONNX file");
            }
            if (!file.toRealPath().startsWith(directory.toRealPath())) {
                throw refused(location, "a link leads outside the directory of the ONNX file");
            }
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                return read(channel, location, entries);
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "external data \"" + ModuleNames.shown(location) + "\": it cannot be read: " + e, e);
        }
    }

    private byte[] read(FileChannel channel, String location, Map<String, String> entries) throws IOException {
        long offset = number(entries.getOrDefault("offset", "0"));
        long length = number(entries.getOrDefault("length", String.valueOf(Math.max(0, channel.size() - offset))));
        if (offset > channel.size() || length > channel.size() - offset) {
            throw refused(
                    location, length + " bytes from " + offset + " on are wanted of " + channel.size() + " bytes");
        }
        if (length > Math.min(left, OnnxFile.LARGEST)) {
            throw refused(location, length + " bytes are too many for the memory that this program has");
        }
        left -= length;
        ByteBuffer bytes = ByteBuffer.allocate((int) length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, offset + bytes.position()) < 0) {
                throw refused(location, "it became shorter while it was read");
            }
        }
        return bytes.array();
    }

    private static long number(String text) {
        long number;
        try {
            number = Long.parseLong(text);
        } catch (NumberFormatException e) {
            number = -1;
        }
        if (number < 0) {
            throw new IllegalArgumentException(
                    "external data at \"" + ModuleNames.shown(text) + "\": expected a number of bytes");
        }
        return number;
    }

    private static IllegalArgumentException refused(String location, String why) {
        return new IllegalArgumentException("external data \"" + ModuleNames.shown(location) + "\": " + why);
    }
}
