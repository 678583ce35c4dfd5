package org.secateur.profilers.libtorch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;

/** A process that loads libtorch, by this module or as JavaCPP would alone, and tells from where. */
final class FirstLoad {
    private FirstLoad() {}

    @SuppressWarnings({"try", "SystemOut"}) // the output is the answer
    public static void main(String[] arguments) throws IOException {
        if (arguments[0].equals("plain")) {
            Loader.load(torch.class);
        } else {
            LibTorch.load(1);
        }
        try (PointerScope scope = new PointerScope()) {
            System.out.println("sum " + torch.ones(3).sum().item_float());
        }
        List<String> maps = Files.readAllLines(Path.of("/proc/self/maps"));
        maps.stream()
                .filter(line -> line.contains(" r-xp ") && line.matches(".*/lib(torch|torch_cpu|c10)\\.so"))
                .map(line -> line.substring(line.indexOf('/')))
                .sorted()
                .forEach(path -> System.out.println("mapped " + path));
    }
}
