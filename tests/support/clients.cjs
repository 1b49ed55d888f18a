// SheetJS and ExcelJS as the tests use them: `node clients.cjs LIBRARY < jobs.json` opens each
// `source` of the jobs and saves it as its `target`.

const fs = require("node:fs");

const jobs = JSON.parse(fs.readFileSync(0, "utf8"));

function sheetjs() {
  const XLSX = require("xlsx");
  const kinds = { xls: "biff8", xml: "xlml", slk: "sylk" };
  for (const { source, target } of jobs) {
    const suffix = target.split(".").pop();
    XLSX.writeFile(XLSX.readFile(source), target, { bookType: kinds[suffix] ?? suffix });
  }
}

async function exceljs() {
  const ExcelJS = require("exceljs");
  for (const { source, target } of jobs) {
    const book = new ExcelJS.Workbook();
    await book.xlsx.readFile(source);
    await book.xlsx.writeFile(target);
  }
}

({ sheetjs, exceljs })[process.argv[2]]();
