package org.secateur.profilers.cuda;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.DeviceProvider;

/** Registers NVIDIA GPUs as devices {@code cuda:0}, {@code cuda:1} and so on. */
public final class CudaDeviceProvider implements DeviceProvider {
    /** The system property that names the directory of cuDNN, where it lies in none of the usual places. */
    public static final String CUDNN = "secateur.cudnn";

    private static final Pattern ID = Pattern.compile(CudaDevice.PREFIX + ":([0-9]{1,4})");

    /** For the service loader. */
    public CudaDeviceProvider() {}

    @Override
    public String prefix() {
        return CudaDevice.PREFIX;
    }

    @Override
    public Device open(String id) {
        Matcher matcher = ID.matcher(id);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("device " + id + ": GPUs are called cuda:0, cuda:1 and so on");
        }
        LibraryPlaces places = new LibraryPlaces(Path.of("/"), System.getenv());
        Optional<Path> cudnn = Optional.ofNullable(System.getProperty(CUDNN)).map(Path::of);
        return new CudaDevice(CudaLibraries.load(places, cudnn), Integer.parseInt(matcher.group(1)));
    }
}
